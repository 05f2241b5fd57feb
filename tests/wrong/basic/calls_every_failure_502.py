"""Does not tell slow and busy from broken."""

CAUGHT_BY = (
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_a_busy_llm_is_503_with_its_retry_after",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    return HTTPException(502, "The language model could not answer. Please try again.")
