"""Puts the limit above the route, which has already taken the bare function."""

CAUGHT_BY = (
    "test_the_call_after_the_limit_is_429",
    "test_the_limit_is_ten_a_minute_by_default",
    "test_two_tokens_of_a_user_share_a_budget",
    "test_a_changing_forwarded_address_changes_nothing",
    "test_what_is_asked_changes_nothing",
    "test_a_budget_follows_its_user_to_another_address",
    "test_a_429_says_when_to_come_back",
    "test_coming_back_then_works",
    "test_answers_say_what_is_left",
    "test_calls_under_way_count",
    "test_a_client_that_never_stops_gets_no_more_than_the_limit",
    "test_the_edge_of_a_window_is_no_way_around_the_limit",
    "test_two_processes_share_one_budget",
    "test_a_window_that_is_shared_has_no_edge_either",
    "test_a_lost_redis_is_no_failure",
)


@limiter.limit(RATE_LIMIT)
@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    return await ask_llm(request.state.client, body, request.state.user)
