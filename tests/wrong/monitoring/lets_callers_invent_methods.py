"""Thinks that there are nine methods because HTTP has nine."""

CAUGHT_BY = ("test_invented_methods_share_one_series",)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    HTTP_REQUESTS.labels(record.method, record.route, str(record.status)).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)
