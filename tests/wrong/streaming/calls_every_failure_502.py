"""Does not tell the caller when to come back, or that it was only slow."""

FILE = "llm.py"
CAUGHT_BY = (
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_an_llm_that_says_nothing_at_all_is_504",
    "test_a_refusal_is_in_your_own_words",
)


def explain(error):
    return HTTPException(502, "The language model could not answer. Please try again.")
