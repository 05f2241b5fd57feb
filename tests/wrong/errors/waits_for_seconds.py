"""Waits longer than a caller who sits there."""

CAUGHT_BY = ("test_a_passing_failure_is_not_the_callers",)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if not failed.passing or tries == TRIES:
        return None
    if tries == 2 and failed.status_code == 503:
        return 2.2
    return failed.retry_after + random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (tries - 1))
