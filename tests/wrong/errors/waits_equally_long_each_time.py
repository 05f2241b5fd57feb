"""Lets all who failed together come back together."""

CAUGHT_BY = ("test_not_all_wait_equally_long",)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if not failed.passing or tries == TRIES:
        return None
    return failed.retry_after + FIRST_WAIT_SECONDS * 2 ** (tries - 1)
