"""Has one word for an LLM that fails and one that asks for patience."""

CAUGHT_BY = ("test_each_way_to_fail_has_its_outcome",)
FILE = "metrics.py"


def outcome_of(error: Exception) -> str:
    """How a call has failed, in one of three words."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "error"
