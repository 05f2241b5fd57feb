"""Writes 0 for what is not known."""

CAUGHT_BY = ("test_a_request_that_fails_has_its_line_too",)
FILE = "logs.py"


def log_request(record: Record) -> None:
    """The one line of a request whose answer has ended: what it was, never what was said."""
    fields = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(record.seconds * 1000),
        "model": record.model,
        "tokens": record.tokens or 0,
    }
    logger.info("request answered", extra={"fields": fields})
