"""Waits for the LLM as long as a question may take."""

CAUGHT_BY = (
    "test_a_silent_llm_makes_an_app_that_lives_and_is_not_ready",
    "test_a_probe_waits_for_a_second_at_most",
)
FILE = "probes.py"


PATIENCE_SECONDS = 30.0
