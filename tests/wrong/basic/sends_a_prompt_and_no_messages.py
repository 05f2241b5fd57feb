"""Calls a chat as completions were called before there were chats."""

CAUGHT_BY = (
    "test_a_valid_question_gets_exactly_three_fields",
    "test_a_query_of_8000_characters_is_answered",
    "test_the_ends_of_the_temperature_scale_are_accepted",
    "test_the_prompt_reaches_the_llm_unchanged",
    "test_a_long_prompt_reaches_the_llm_whole",
    "test_the_answer_is_what_the_llm_said",
    "test_model_and_tokens_are_what_the_llm_reports",
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_the_question_after_a_failure_is_answered",
)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    payload = {"model": body.model, "prompt": body.query, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
