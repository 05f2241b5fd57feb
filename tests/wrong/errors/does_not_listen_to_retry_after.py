"""Comes back when it likes, whatever the LLM asks for."""

CAUGHT_BY = (
    "test_the_wait_is_as_long_as_the_llm_asks_for",
    "test_a_wait_beyond_the_deadline_is_not_begun",
    "test_a_wait_beyond_what_is_left_is_not_begun",
)
FILE = "retrying.py"


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    if not failed.passing or tries == TRIES:
        return None
    return random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (tries - 1))
