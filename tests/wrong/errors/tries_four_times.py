"""Counts the retries, and forgets the first call."""

CAUGHT_BY = (
    "test_three_calls_are_enough",
    "test_a_closed_connection_is_tried_again",
    "test_a_probe_that_fails_opens_it_again",
    "test_refused_calls_are_no_failures_of_the_llm",
)
FILE = "retrying.py"


TRIES = 4
