"""Knows an LLM that fails or is slow, and none that is not there."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_refused_connection_is_502_behind_the_token",)


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest, user: str) -> QueryResponse:
    """Make one call on behalf of `user`; raises the HTTPException that the caller gets."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": False,
        "user": user,
    }
    try:
        answer = await client.post("/chat/completions", json=payload)
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
    except (httpx.HTTPStatusError, httpx.TimeoutException, ValidationError) as error:
        raise explain(error) from error
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
