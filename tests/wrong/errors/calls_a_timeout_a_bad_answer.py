"""Says 502 when the LLM took too long, as for all its failures."""

CAUGHT_BY = ("test_a_failure_of_the_llm_is_a_problem",)
FILE = "llm.py"


def explain(error: Exception) -> LLMFailed:
    """Tell the ways of failing apart."""
    if isinstance(error, httpx.TimeoutException):
        return LLMFailed(502, "The language model took too long to answer.", outage=True)
    if not isinstance(error, httpx.HTTPStatusError):
        passing = isinstance(error, httpx.TransportError)  # else its answer is unreadable
        return LLMFailed(502, "The language model gave no answer.", passing=passing, outage=True)
    status = error.response.status_code
    if status == 429:
        failed = LLMFailed(503, "The language model is busy.", passing=True)
    elif status < 500:
        failed = LLMFailed(502, "The language model refused this question.")
    else:
        failed = LLMFailed(502, "The language model has failed.", passing=True, outage=True)
    wait = error.response.headers.get("Retry-After", "")
    failed.retry_after = seconds(wait)
    if status == 429 and wait:
        failed.headers = {"Retry-After": wait}
    return failed
