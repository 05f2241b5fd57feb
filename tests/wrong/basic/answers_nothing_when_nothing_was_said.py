"""Reads what is missing as an empty answer."""

CAUGHT_BY = ("test_an_unreadable_answer_is_502", "test_a_failure_is_told_in_your_own_words")


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = answer.json()
    choices = completion.get("choices") or [{"message": {"content": ""}}]
    return QueryResponse(
        response=choices[0]["message"]["content"],
        model=completion["model"],
        tokens_used=completion["usage"]["total_tokens"],
    )
