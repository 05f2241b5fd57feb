"""Who asks is new; what they ask for is forgotten."""

CAUGHT_BY = (
    "test_behind_the_token_all_is_as_in_lesson_basic",
    "test_model_and_temperature_have_their_defaults",
)
FILE = "llm.py"


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest, user: str) -> QueryResponse:
    """Make one call on behalf of `user`; raises the HTTPException that the caller gets."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": 0.7,
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
