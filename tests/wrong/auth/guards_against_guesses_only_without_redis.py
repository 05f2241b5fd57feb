"""Goes on counting guesses when Redis is gone, and lets users ask as often as they like."""

CAUGHT_BY = ("test_a_lost_redis_is_no_failure",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT, exempt_when=lambda: limiter._storage_dead)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
