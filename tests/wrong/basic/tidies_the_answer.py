"""Strips and flattens what the LLM wrote."""

CAUGHT_BY = ("test_the_answer_is_what_the_llm_said",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=" ".join(completion.text.split()),
        model=completion.model,
        tokens_used=completion.tokens,
    )
