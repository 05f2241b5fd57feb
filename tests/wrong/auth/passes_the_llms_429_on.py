"""Tells its callers to slow down when it is the app that asks too much."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_a_busy_llm_is_not_the_callers_fault",
    "test_behind_the_token_all_is_as_in_lesson_basic",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        return HTTPException(429, "Too many requests.", {"Retry-After": wait} if wait else None)
    return HTTPException(502, "The language model could not answer.")
