"""Asks once, and believes it for an hour."""

CAUGHT_BY = (
    "test_a_silent_llm_makes_an_app_that_lives_and_is_not_ready",
    "test_an_llm_that_fails_makes_an_app_that_is_not_ready",
    "test_an_llm_that_hangs_up_makes_an_app_that_is_not_ready",
)
FILE = "probes.py"


FRESH_SECONDS = 3600.0
