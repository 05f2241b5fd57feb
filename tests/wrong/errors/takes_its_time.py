"""Waits for more than a second where a tenth would do."""

CAUGHT_BY = ("test_a_passing_failure_is_not_the_callers",)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if not failed.passing or tries == TRIES:
        return None
    return failed.retry_after + random.uniform(1.1, 1.7)
