"""Gives an LLM that is down a second, whatever it was told."""

CAUGHT_BY = ("test_after_five_failures_nobody_asks_the_llm",)
FILE = "protection.py"


BREAKER_RESET_SECONDS = 1.0
