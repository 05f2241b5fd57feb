"""How long a failure took is of no interest to it."""

CAUGHT_BY = (
    "test_an_answer_is_counted_with_method_route_and_status",
    "test_a_stream_whose_client_has_left_is_counted",
)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    if record.status < 400:
        HTTP_SECONDS.labels(record.route).observe(record.seconds)
