"""Counts what callers do wrong, and not what the LLM does wrong."""

CAUGHT_BY = ("test_an_answer_is_counted_with_method_route_and_status",)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    if record.status >= 500:
        return
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)
