"""Takes silence for a lost call; a slow LLM now answers the question twice."""

CAUGHT_BY = ("test_a_silent_llm_is_504_after_the_timeout",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    try:
        answer = await client.post("/chat/completions", json=payload)
    except httpx.ReadTimeout:
        answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
