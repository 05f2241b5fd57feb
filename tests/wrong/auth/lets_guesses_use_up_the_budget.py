"""Counts wrong tokens against everybody's budget at that address."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@limiter.shared_limit(RATE_LIMIT, scope="all", key_func=get_remote_address)
@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})


@app.post("/query", dependencies=[Depends(authenticate)])
@limiter.shared_limit(RATE_LIMIT, scope="all", key_func=get_remote_address)
@limiter.limit(RATE_LIMIT)
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
