"""Counts an answer where it is made, and a failure is not made there."""

CAUGHT_BY = (
    "test_an_answer_is_counted_with_method_route_and_status",
    "test_a_stream_whose_client_has_left_is_counted",
    "test_unknown_paths_share_one_series",
    "test_invented_methods_share_one_series",
    "test_methods_of_http_have_their_names",
)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    if record.status >= 400:
        return
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)
