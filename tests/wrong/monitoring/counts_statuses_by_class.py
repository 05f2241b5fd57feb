"""Keeps the first digit of a status, and a 429 looks like a 404."""

CAUGHT_BY = (
    "test_an_answer_is_counted_with_method_route_and_status",
    "test_unknown_paths_share_one_series",
    "test_every_worker_tells_the_totals_of_all",
    "test_totals_outlive_a_worker",
)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, f"{record.status // 100}xx").inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)
