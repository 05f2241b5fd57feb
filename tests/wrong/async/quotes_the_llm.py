"""Passes the LLM's own words on; they are about our account, not the caller's."""

FILE = "llm.py"
CAUGHT_BY = ("test_an_error_says_nothing_of_key_url_or_upstream",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.HTTPStatusError):
        return HTTPException(502, f"The language model refused: {error.response.text}")
    return HTTPException(502, "The language model could not answer. Please try again.")
