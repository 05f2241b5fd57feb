"""Writes a limit that slowapi cannot read, and slowapi goes on without one."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT.replace("/", " a "))
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
