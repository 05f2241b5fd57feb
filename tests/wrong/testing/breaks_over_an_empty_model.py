"""Takes the first word of a text that may have none."""

CAUGHT_BY = ("test_the_app_keeps_to_its_schema",)


@app.post("/query", responses=FAILURES)
async def query(
    request: Request, body: QueryRequest, user: Annotated[str, Depends(authenticate)]
) -> QueryResponse:
    """Answer one question with one call to the LLM, in the name of the token's user."""
    payload = {
        "model": body.model.split()[0],
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": False,
        "user": user,
    }
    answer = await ask_llm(request.app.state.client, payload)
    return QueryResponse(response=answer.text, model=answer.model, tokens_used=answer.tokens)
