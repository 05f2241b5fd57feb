"""Reads LLM_MODEL nowhere."""

CAUGHT_BY = ("test_the_default_model_is_a_setting",)

LLM_MODEL = "gpt-4"
