"""Declares 502 and lets 503 and 504 be a surprise."""

CAUGHT_BY = ("test_the_failures_are_declared",)

FAILURES: dict[int | str, dict[str, Any]] = {
    502: {"model": Failure, "description": "The LLM failed."},
}
