"""Hands the LLM's status to a caller who asked correctly."""

CAUGHT_BY = (
    "test_a_server_error_of_the_llm_is_502",
    "test_a_client_error_of_the_llm_is_502",
    "test_a_failure_is_told_in_your_own_words",
    "test_the_question_after_a_failure_is_answered",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    if isinstance(error, httpx.HTTPStatusError):
        return HTTPException(error.response.status_code, "The language model could not answer.")
    return HTTPException(502, "The language model could not answer.")
