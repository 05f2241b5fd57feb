"""Writes every field as a text, and nobody can compare them."""

CAUGHT_BY = (
    "test_an_answered_request_has_one_line_that_says_what_it_was",
    "test_a_request_that_fails_has_its_line_too",
    "test_a_stream_whose_client_has_left_has_one_line",
    "test_a_stream_that_breaks_has_one_line",
)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": str(record.status),
        "duration_ms": round(record.seconds * 1000),
        "model": record.model,
        "tokens": record.tokens,
    }
    logger.info("request answered", extra={"fields": fields})
