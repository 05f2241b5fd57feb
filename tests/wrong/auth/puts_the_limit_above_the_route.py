"""Puts the limit above the route, which has already taken the bare function."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@limiter.limit(RATE_LIMIT)
@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
