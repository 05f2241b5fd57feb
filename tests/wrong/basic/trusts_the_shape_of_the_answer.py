"""Is ready for an answer that is no JSON, and trips over JSON of another shape."""

CAUGHT_BY = ("test_an_unreadable_answer_is_502",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await client.post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = answer.json()
    return QueryResponse(
        response=completion["choices"][0]["message"]["content"],
        model=completion["model"],
        tokens_used=completion["usage"]["total_tokens"],
    )


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValueError) as error:
        raise explain(error) from error
