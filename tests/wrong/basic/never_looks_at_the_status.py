"""Takes an error for an unreadable answer, and a busy LLM for a broken one."""

CAUGHT_BY = ("test_a_busy_llm_is_503_with_its_retry_after",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
