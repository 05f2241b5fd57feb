"""Says that the LLM is busy, and not for how long, though the LLM has said so."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_busy_llm_is_not_the_callers_fault",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return HTTPException(503, "The language model is busy. Please try again later.")
    return HTTPException(502, "The language model could not answer.")
