"""Lets a full budget through at once and goes on filling it."""

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


buckets = dict[str, tuple[float, float]]()


@app.post("/query", dependencies=[Depends(authenticate)])
async def query(request: Request, response: Response, body: QueryRequest) -> QueryResponse:
    """Answer one question of a known user."""
    limit = parse(RATE_LIMIT)
    now, rate = time.monotonic(), limit.amount / limit.get_expiry()
    full, since = buckets.get(request.state.user, (limit.amount, now))
    full = min(limit.amount, full + (now - since) * rate)
    buckets[request.state.user] = (full - 1 if full >= 1 else full, now)
    wait = str(max(1, math.ceil((1 - full) / rate)))
    headers = {
        "X-RateLimit-Limit": str(limit.amount),
        "X-RateLimit-Remaining": str(max(0, int(full - 1))),
        "X-RateLimit-Reset": wait,
    }
    if full < 1:
        raise HTTPException(429, "Too many requests.", {**headers, "Retry-After": wait})
    response.headers.update(headers)
    return await ask_llm(request.state.client, body, request.state.user)
