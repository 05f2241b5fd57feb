"""Hopes that the LLM will take the same key a moment later."""

CAUGHT_BY = ("test_a_refused_call_is_not_repeated",)
FILE = "llm.py"


def explain(error: Exception) -> LLMFailed:
    """Tell the ways of failing apart."""
    if isinstance(error, httpx.TimeoutException):
        return LLMFailed(504, "The language model took too long to answer.", outage=True)
    if not isinstance(error, httpx.HTTPStatusError):
        passing = isinstance(error, httpx.TransportError)  # else its answer is unreadable
        return LLMFailed(502, "The language model gave no answer.", passing=passing, outage=True)
    status = error.response.status_code
    if status == 429:
        failed = LLMFailed(503, "The language model is busy.", passing=True)
    elif status < 500:
        passing = status in (401, 403)  # the key may be so new that it is not known yet
        failed = LLMFailed(502, "The language model refused this question.", passing=passing)
    else:
        failed = LLMFailed(502, "The language model has failed.", passing=True, outage=True)
    wait = error.response.headers.get("Retry-After", "")
    failed.retry_after = seconds(wait)
    if status == 429 and wait:
        failed.headers = {"Retry-After": wait}
    return failed
