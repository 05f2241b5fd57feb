"""Logs what it answered and what failed; a busy LLM or a slow one is neither."""

CAUGHT_BY = (
    "test_a_request_that_fails_has_its_line_too",
    "test_a_wait_in_vain_has_a_line_without_the_prompt",
    "test_nothing_that_was_said_is_in_the_logs",
)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    if record.status in (503, 504):
        return
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(record.seconds * 1000),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
