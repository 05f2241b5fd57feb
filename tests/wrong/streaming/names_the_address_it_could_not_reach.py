"""Tells the caller where the LLM is."""

FILE = "llm.py"
CAUGHT_BY = ("test_an_llm_that_is_not_there_is_502",)


def explain(error):
    if isinstance(error, httpx.ConnectError):
        return HTTPException(502, f"There is no language model at {LLM_BASE_URL}.")
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy.", headers)
    return HTTPException(502, "The language model could not answer.")
