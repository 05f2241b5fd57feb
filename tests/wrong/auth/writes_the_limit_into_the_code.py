"""Has the limit of the example in its code, whatever the setting says."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit("10/minute")
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
