"""Counts those who have left, and does not say how long they waited."""

CAUGHT_BY = ("test_a_stream_whose_client_has_left_is_counted",)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    if record.status != 499:
        HTTP_SECONDS.labels(record.route).observe(record.seconds)
