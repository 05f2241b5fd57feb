"""Has another model than the promised one when LLM_MODEL is not set."""

FILE = "llm.py"
CAUGHT_BY = ("test_the_model_is_gpt_4_by_default",)

LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4o-mini")
