"""Knows better than the LLM when to come back."""

CAUGHT_BY = ("test_a_busy_llm_is_503_with_its_retry_after",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        headers = {"Retry-After": "7"}
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(502, "The language model could not answer.")
