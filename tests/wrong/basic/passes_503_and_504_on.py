"""Thinks that 503 and 504 mean the same from the LLM and from this app."""

CAUGHT_BY = ("test_a_server_error_of_the_llm_is_502",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (503, 504):
        return HTTPException(error.response.status_code, "The language model is unavailable.")
    return HTTPException(502, "The language model could not answer.")
