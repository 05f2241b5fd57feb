"""Hands on the first eighty characters of an answer, and drops the rest of it."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_good_token_is_answered",)


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
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
    return QueryResponse(
        response=completion.text[:80], model=completion.model, tokens_used=completion.tokens
    )
