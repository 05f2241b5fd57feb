"""Opens and closes a connection around every call."""

CAUGHT_BY = ("test_twenty_calls_in_a_row_share_a_connection",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    ) as client:
        answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
