"""Takes a temperature of 0 for none."""

FILE = "llm.py"
CAUGHT_BY = ("test_model_and_temperature_have_their_defaults",)


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest, user: str) -> QueryResponse:
    """Make one call on behalf of `user`; raises the HTTPException that the caller gets."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature or 0.7,
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
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
