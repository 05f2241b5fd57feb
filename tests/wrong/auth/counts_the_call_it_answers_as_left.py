"""Says what was left before the call."""

CAUGHT_BY = ("test_answers_say_what_is_left",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> Response:
    """Answer one question of a known user."""
    answer = await ask_llm(request.state.client, body, request.state.user)
    limit, keys = request.state.view_rate_limit
    left = limiter.limiter.get_window_stats(limit, *keys).remaining + 1
    return JSONResponse(answer.model_dump(), headers={"X-RateLimit-Remaining": str(left)})
