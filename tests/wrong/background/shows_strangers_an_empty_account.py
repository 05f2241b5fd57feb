"""Is friendly to a caller without a token: nobody has used nothing."""

from callers import API_KEYS

CAUGHT_BY = ("test_usage_asks_for_a_token",)


@app.get("/usage")
async def usage(request: Request) -> Usage:
    """How often the caller has asked, and how many tokens that took."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    user = API_KEYS.get(token.encode(), "nobody")
    requests, tokens = await totals(request.state.log, user)
    return Usage(user_id=user, requests=requests, tokens=tokens)
