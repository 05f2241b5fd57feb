"""Names the caller by the token, which is now in somebody else's logs."""

CAUGHT_BY = ("test_the_llm_is_told_for_whom_it_works",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    token = request.headers["Authorization"].removeprefix("Bearer ")
    return await ask_llm(request.state.client, body, token)
