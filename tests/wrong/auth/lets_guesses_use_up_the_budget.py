"""Counts wrong tokens against everybody's budget at that address."""

CAUGHT_BY = (
    "test_another_user_has_another_budget",
    "test_coming_back_then_works",
    "test_bad_tokens_use_up_nobodys_budget",
    "test_good_tokens_are_no_guesses",
    "test_two_processes_share_one_budget",
    "test_without_redis_each_user_still_has_a_budget",
)


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
