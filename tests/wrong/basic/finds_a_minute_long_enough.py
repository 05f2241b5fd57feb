"""Caps the Retry-After at 60 seconds, and its callers come back too early."""

CAUGHT_BY = ("test_a_busy_llm_is_503_with_its_retry_after",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = int(error.response.headers.get("Retry-After", "1"))
        headers = {"Retry-After": str(min(wait, 60))}
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(502, "The language model could not answer.")
