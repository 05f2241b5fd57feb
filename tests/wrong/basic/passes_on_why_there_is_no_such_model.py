"""Tells a caller what the LLM says of a model that it does not have."""

CAUGHT_BY = ("test_a_failure_is_told_in_your_own_words",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 404:
        return HTTPException(502, f"The language model refused: {error.response.text}")
    return HTTPException(502, "The language model could not answer. Please try again.")
