"""Answers in a shape of its own, which no client of the API knows."""

CAUGHT_BY = (
    "test_a_good_token_is_answered",
    "test_behind_the_token_all_is_as_in_lesson_basic",
)


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> dict[str, Any]:
    """Answer one question of a known user."""
    return {"data": await ask_llm(request.state.client, body, request.state.user)}
