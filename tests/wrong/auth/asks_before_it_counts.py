"""Looks at the budget when the answer has been paid for."""

CAUGHT_BY = ("test_a_refused_call_costs_nothing",)


@limiter.limit(RATE_LIMIT)
async def counted(request: Request, response: Response, answer: QueryResponse) -> QueryResponse:
    """The answer, if there is room for it."""
    return answer


@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    answer = await ask_llm(request.state.client, body, request.state.user)
    return await counted(request=request, response=response, answer=answer)
