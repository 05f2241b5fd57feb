"""Checks the model and then sends its favourite."""

CAUGHT_BY = (
    "test_the_model_asked_for_is_sent_or_else_gpt_4",
    "test_the_default_model_is_a_setting",
)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": "gpt-4", "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
