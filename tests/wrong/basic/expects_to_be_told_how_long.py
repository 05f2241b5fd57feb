"""A busy LLM always says for how long, it thinks."""

CAUGHT_BY = ("test_a_busy_llm_is_503_with_its_retry_after",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers["Retry-After"]
        headers = {"Retry-After": wait}
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")
