"""Looks at the budget before the call and counts after it."""

from limits import parse

CAUGHT_BY = ("test_calls_under_way_count",)


def has_room(*keys: str) -> bool:
    """Is there room for one more?"""
    try:
        return limiter.limiter.test(parse(RATE_LIMIT), *keys)
    except Exception:
        limiter._storage_dead = True
        return has_room(*keys)


@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> Response:
    """Answer one question of a known user."""
    keys = (request.state.user, "query")
    answer = Response("{}", 429)
    if has_room(*keys):
        said = await ask_llm(request.state.client, body, request.state.user)
        answer = JSONResponse(said.model_dump())
        limiter.limiter.hit(parse(RATE_LIMIT), *keys)
    return limiter._inject_headers(answer, (parse(RATE_LIMIT), keys))
