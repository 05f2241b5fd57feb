"""Has the right shape and never calls anyone."""

CAUGHT_BY = (
    "test_a_long_prompt_reaches_the_llm_whole",
    "test_one_question_is_one_call_to_chat_completions",
    "test_the_prompt_reaches_the_llm_unchanged",
    "test_a_whole_answer_is_asked_for_not_a_stream",
    "test_the_model_asked_for_is_sent_or_else_gpt_4",
    "test_the_default_model_is_a_setting",
    "test_the_temperature_asked_for_is_sent_or_else_0_7",
    "test_the_key_is_sent_as_a_bearer_token",
    "test_the_answer_is_what_the_llm_said",
    "test_model_and_tokens_are_what_the_llm_reports",
    "test_a_failing_call_is_not_made_again",
    "test_a_server_error_of_the_llm_is_502",
    "test_a_client_error_of_the_llm_is_502",
    "test_an_unreadable_answer_is_502",
    "test_a_refused_connection_is_502",
    "test_a_connection_closed_without_an_answer_is_502",
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_a_failure_is_told_in_your_own_words",
    "test_the_question_after_a_failure_is_answered",
    "test_twenty_calls_in_a_row_share_a_connection",
    "test_the_connections_are_closed_at_shutdown",
)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    return QueryResponse(response="42", model=body.model, tokens_used=1)
