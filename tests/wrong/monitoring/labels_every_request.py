"""Gives each request a series of its own: its id is a label."""

CAUGHT_BY = (
    "test_unknown_paths_share_one_series",
    "test_invented_methods_share_one_series",
)
FILE = "metrics.py"


HTTP_REQUESTS = Counter(
    "http_requests_total", "Answers.", ["method", "route", "status", "request_id"]
)


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status), record.request_id).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)
