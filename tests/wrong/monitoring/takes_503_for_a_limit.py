"""Thinks that an LLM that is down counts our calls."""

CAUGHT_BY = ("test_each_way_to_fail_has_its_outcome",)
FILE = "metrics.py"


def outcome_of(error: Exception) -> str:
    """How a call has failed, in one of three words."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (429, 503):
        return "rate_limited"
    return "error"
