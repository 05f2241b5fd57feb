"""Does not tell an LLM that is too slow from one that is broken."""

FILE = "llm.py"
CAUGHT_BY = ("test_an_llm_that_says_nothing_at_all_is_504",)


def explain(error):
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")
