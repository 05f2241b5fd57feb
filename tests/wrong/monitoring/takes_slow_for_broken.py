"""Has one word for an LLM that fails and one that says nothing."""

CAUGHT_BY = ("test_a_silent_llm_is_a_timeout",)
FILE = "metrics.py"


def outcome_of(error: Exception) -> str:
    """How a call has failed, in one of three words."""
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return "rate_limited"
    return "error"
