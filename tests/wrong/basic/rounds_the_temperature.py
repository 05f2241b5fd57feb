"""Sends one decimal place, as on the slider of its own page."""

CAUGHT_BY = ("test_the_temperature_asked_for_is_sent_or_else_0_7",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    temperature = round(body.temperature, 1)
    payload = {"model": body.model, "messages": messages, "temperature": temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
