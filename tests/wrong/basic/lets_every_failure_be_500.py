"""Catches everything and blames itself."""

CAUGHT_BY = (
    "test_a_server_error_of_the_llm_is_502",
    "test_a_client_error_of_the_llm_is_502",
    "test_an_unreadable_answer_is_502",
    "test_a_refused_connection_is_502",
    "test_a_connection_closed_without_an_answer_is_502",
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_the_question_after_a_failure_is_answered",
)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    return HTTPException(500, "Something went wrong. Please try again.")
