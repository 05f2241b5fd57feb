"""Takes the first failure for the last word."""

CAUGHT_BY = (
    "test_a_passing_failure_is_not_the_callers",
    "test_three_calls_are_enough",
    "test_a_closed_connection_is_tried_again",
    "test_the_wait_is_as_long_as_the_llm_asks_for",
    "test_not_all_wait_equally_long",
    "test_refused_calls_are_no_failures_of_the_llm",
)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if tries:
        return None
    return failed.retry_after + random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (tries - 1))
