"""Says that the LLM is busy and not for how long."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_busy_llm_is_503_with_its_retry_after",)


def explain(error):
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return HTTPException(503, "The language model is busy. Please try again later.")
    return HTTPException(502, "The language model could not answer.")
