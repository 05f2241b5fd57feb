"""Explains a bad status with httpx's sentence, and that names the address of the LLM."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_refusal_is_in_your_own_words",)


def explain(error):
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    if isinstance(error, httpx.HTTPStatusError):
        return HTTPException(502, f"The language model refused: {error}")
    return HTTPException(502, "The language model could not answer. Please try again.")
