"""Answers 500 for a failure of the LLM, as if it were one of its own."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_behind_the_token_all_is_as_in_lesson_basic",
    "test_a_refused_connection_is_502_behind_the_token",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(500, "The language model could not answer.")
