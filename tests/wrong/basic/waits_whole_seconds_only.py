"""Cuts the timeout down to an integer, and 0.3 seconds become none."""

CAUGHT_BY = ("test_a_silent_llm_is_504_after_the_timeout",)


LLM_TIMEOUT_SECONDS = int(float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")))
