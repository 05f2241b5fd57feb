"""Asks whether the LLM is there before it asks it anything."""

CAUGHT_BY = ("test_one_question_is_one_call_to_chat_completions",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    await client.get("/models")
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
