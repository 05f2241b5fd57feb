"""The text of an exception is for us, not for a caller."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_a_refusal_is_in_your_own_words",
    "test_an_error_event_is_in_your_own_words",
)


def explain(error):
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(502, f"The language model failed: {error}")
