"""Catches what is no JSON, and falls over JSON that is no answer."""

CAUGHT_BY = ("test_every_kind_of_failure_leaves_a_row",)
FILE = "llm.py"


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest, user: str) -> QueryResponse:
    """Make the one upstream call for `user`; an HTTPException says what went wrong."""
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
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise explain(error) from error
    return QueryResponse(
        response=said["choices"][0]["message"]["content"],
        model=said["model"],
        tokens_used=said["usage"]["total_tokens"],
    )
