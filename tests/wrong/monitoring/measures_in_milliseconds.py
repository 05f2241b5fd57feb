"""Observes milliseconds under a name that says seconds."""

CAUGHT_BY = (
    "test_every_answer_has_its_duration",
    "test_the_duration_of_a_stream_is_that_of_the_whole_stream",
)
FILE = "metrics.py"


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds * 1000)
