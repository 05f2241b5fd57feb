"""What the LLM answered to us is not our answer to the caller."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_an_llm_that_refuses_or_fails_is_502",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_a_refusal_is_in_your_own_words",
)


def explain(error):
    sentence = "The language model could not answer. Please try again."
    if isinstance(error, httpx.HTTPStatusError):
        return HTTPException(error.response.status_code, sentence)
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, sentence)
    return HTTPException(502, sentence)
