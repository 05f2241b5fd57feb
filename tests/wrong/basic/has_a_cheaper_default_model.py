"""Asks gpt-4o-mini when neither the caller nor LLM_MODEL names a model."""

CAUGHT_BY = ("test_the_model_asked_for_is_sent_or_else_gpt_4",)


LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4o-mini")
