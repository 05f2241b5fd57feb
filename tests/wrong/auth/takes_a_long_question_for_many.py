"""Takes more of the budget for a long question, where the limit is one of calls."""

CAUGHT_BY = ("test_what_is_asked_changes_nothing",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT, cost=lambda request: 1 + int(request.headers["Content-Length"]) // 1000)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
