"""Counts by the minute on the clock, which everybody can see coming."""

import math
import time

from limits import parse

CAUGHT_BY = (
    "test_coming_back_then_works",
    "test_a_client_that_never_stops_gets_no_more_than_the_limit",
    "test_the_edge_of_a_window_is_no_way_around_the_limit",
    "test_two_processes_share_one_budget",
    "test_a_window_that_is_shared_has_no_edge_either",
)


windows = dict[tuple[str, int], int]()


@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    limit = parse(RATE_LIMIT)
    number, passed = divmod(time.time(), limit.get_expiry())
    key = (request.state.user, int(number))
    windows[key] = windows.get(key, 0) + 1
    wait = str(math.ceil(limit.get_expiry() - passed) or 1)
    headers = {
        "X-RateLimit-Limit": str(limit.amount),
        "X-RateLimit-Remaining": str(max(0, limit.amount - windows[key])),
        "X-RateLimit-Reset": wait,
    }
    if windows[key] > limit.amount:
        raise HTTPException(429, "Too many requests.", {**headers, "Retry-After": wait})
    response.headers.update(headers)
    return await ask_llm(request.state.client, body, request.state.user)
