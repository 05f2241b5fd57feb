"""Passes the LLM's own words on; they are about our account, not the caller's."""

CAUGHT_BY = ("test_an_error_says_nothing_of_key_url_or_upstream",)


def explain(error: Exception) -> str:
    """Turn a failed call into the sentence the caller gets."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"The language model refused: {error.response.text}"
    return "The language model could not answer. Please try again."
