"""Keeps a sum and a count, and nobody can ask for the slowest tenth."""

from prometheus_client import Summary

CAUGHT_BY = (
    "test_prometheus_can_read_the_metrics",
    "test_every_answer_has_its_duration",
)
FILE = "metrics.py"


HTTP_SECONDS = Summary("http_request_duration_seconds", "To the end of the answer.", ["route"])
