"""Makes up a token count although the LLM sent the real one."""

CAUGHT_BY = ("test_model_and_tokens_are_what_the_llm_reports",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text,
        model=completion.model,
        tokens_used=len(body.query.split()) + len(completion.text.split()),
    )
