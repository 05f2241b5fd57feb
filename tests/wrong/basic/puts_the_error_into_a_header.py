"""Keeps the body clean and hands the LLM's words over in a header."""

CAUGHT_BY = ("test_a_failure_is_told_in_your_own_words",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    if isinstance(error, httpx.HTTPStatusError):
        headers = {"X-Upstream-Error": error.response.text.replace("\n", " ")}
        return HTTPException(502, "The language model could not answer.", headers)
    return HTTPException(502, "The language model could not answer.")
