"""Keeps the time to the first token where no percentile can be read."""

from prometheus_client import Summary

CAUGHT_BY = ("test_the_time_to_the_first_token_ends_with_the_first_text",)
FILE = "metrics.py"


LLM_FIRST_TOKEN = Summary("llm_time_to_first_token_seconds", "Of streamed calls.", ["model"])
