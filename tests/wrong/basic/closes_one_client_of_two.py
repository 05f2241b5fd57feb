"""Has a second client for unusual questions and forgets it at shutdown."""

CAUGHT_BY = ("test_the_connections_are_closed_at_shutdown",)


unusual = httpx.AsyncClient(
    base_url=LLM_BASE_URL,
    headers={"Authorization": f"Bearer {LLM_API_KEY}"},
    timeout=LLM_TIMEOUT_SECONDS,
)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client = request.state.client if body.temperature == 0.7 else unusual
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
