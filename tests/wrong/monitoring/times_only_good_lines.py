"""Says how long a good answer took, and null for any other."""

CAUGHT_BY = (
    "test_a_request_that_fails_has_its_line_too",
    "test_a_wait_in_vain_has_a_line_without_the_prompt",
    "test_a_stream_whose_client_has_left_has_one_line",
    "test_every_line_on_stdout_is_a_json_object",
    "test_nothing_that_was_said_is_in_the_logs",
    "test_a_client_that_leaves_has_one_line_without_the_prompt",
)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    milliseconds = round(record.seconds * 1000)
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": milliseconds if record.status < 400 else None,
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
