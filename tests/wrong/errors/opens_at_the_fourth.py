"""Is one failure too early."""

CAUGHT_BY = (
    "test_four_failures_are_not_five",
    "test_after_a_good_probe_the_count_begins_anew",
    "test_a_question_that_is_spared_frees_its_place",
)
FILE = "protection.py"


BREAKER_FAILURES = 4
