"""Thinks that FastAPI knows which answers are raised."""

CAUGHT_BY = ("test_the_failures_are_declared",)


FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "The token is missing, or nobody has it."},
    502: {"model": Failure, "description": "The LLM failed or could not be understood."},
}
