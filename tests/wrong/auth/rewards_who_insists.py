"""Gives a new budget to whoever has been refused five times, and who never stops has that soon."""

from collections import Counter

CAUGHT_BY = ("test_a_client_that_never_stops_gets_no_more_than_the_limit",)


refused = Counter[str]()


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    limit, keys = request.state.view_rate_limit
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    limiter._inject_headers(answer, (limit, keys))
    refused[keys[0]] += 1
    if refused[keys[0]] % 5 == 0:
        limiter.limiter.clear(limit, *keys)
    return answer
