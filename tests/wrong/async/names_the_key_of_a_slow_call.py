"""Writes into the error which key the LLM was slow for."""

FILE = "llm.py"
CAUGHT_BY = ("test_an_llm_that_says_nothing_fails_one_item",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, f"The language model took too long for {LLM_API_KEY}.")
    return HTTPException(502, "The language model could not answer. Please try again.")
