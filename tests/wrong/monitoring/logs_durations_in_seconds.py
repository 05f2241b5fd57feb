"""Writes seconds where the name says milliseconds."""

CAUGHT_BY = (
    "test_an_answered_request_has_one_line_that_says_what_it_was",
    "test_a_stream_has_its_line_when_it_has_ended",
)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(record.seconds, 3),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
