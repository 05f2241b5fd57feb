"""Says `upstream_error`, which no person can act on."""

CAUGHT_BY = (
    "test_an_unreadable_answer_is_502",
    "test_a_refused_connection_is_502",
    "test_a_connection_closed_without_an_answer_is_502",
    "test_a_failure_is_told_in_your_own_words",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(502, "upstream_error")
