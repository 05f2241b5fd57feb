"""Answers 500 when the LLM refuses its key, because the fault is its own."""

CAUGHT_BY = ("test_a_client_error_of_the_llm_is_502",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (401, 403):
        return HTTPException(500, "This service is not set up correctly. Please tell its owner.")
    return HTTPException(502, "The language model could not answer. Please try again.")
