"""Expects a 200 to hold JSON and dies on a proxy's page."""

CAUGHT_BY = ("test_an_unreadable_answer_is_502", "test_a_failure_is_told_in_your_own_words")


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate(answer.json())
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
