"""Names the LLM that took too long."""

CAUGHT_BY = (
    "test_an_llm_that_says_nothing_at_all_is_504",
    "test_silence_between_tokens_becomes_an_error_event",
)
FILE = "llm.py"


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, f"No answer from {LLM_BASE_URL} in time.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")
