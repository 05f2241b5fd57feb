"""Takes the port off and thinks that it is no address any more."""

CAUGHT_BY = ("test_a_refused_connection_is_502",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    if isinstance(error, httpx.ConnectError):
        return HTTPException(502, f"Nobody answers at {httpx.URL(LLM_BASE_URL).host} now.")
    return HTTPException(502, "The language model could not answer.")
