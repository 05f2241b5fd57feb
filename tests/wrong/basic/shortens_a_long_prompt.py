"""The prompt is cut after 4,000 characters, to save tokens."""

CAUGHT_BY = ("test_a_long_prompt_reaches_the_llm_whole",)


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    client: httpx.AsyncClient = request.state.client
    answer = await client.post(
        "/chat/completions",
        json={
            "model": body.model,
            "messages": [{"role": "user", "content": body.query[:4000]}],
            "temperature": body.temperature,
            "stream": False,
        },
    )
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
