"""Repeats calls that the LLM has refused."""

CAUGHT_BY = (
    "test_a_refused_call_is_not_repeated",
    "test_refused_calls_are_no_failures_of_the_llm",
)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if tries == TRIES:
        return None
    return failed.retry_after + random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (tries - 1))
