"""Asks again at once when the LLM fails, and doubles its load when that is the reason."""

CAUGHT_BY = ("test_behind_the_token_all_is_as_in_lesson_basic",)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    try:
        return await ask_llm(request.state.client, body, request.state.user)
    except HTTPException as error:
        if error.status_code != 502:
            raise
    return await ask_llm(request.state.client, body, request.state.user)
