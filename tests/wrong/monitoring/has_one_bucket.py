"""Has one bucket, and all it knows of an answer is whether it was fast enough."""

CAUGHT_BY = ("test_every_answer_has_its_duration",)
FILE = "metrics.py"


HTTP_SECONDS = Histogram(
    "http_request_duration_seconds", "To the end of the answer.", ["route"], buckets=[10]
)
