"""Has a fallback for the users, and none for those who guess."""

from limits import parse

CAUGHT_BY = ("test_a_bad_token_is_refused_without_redis",)


def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has; 429 once its address has tried too many."""
    limit, keys = parse(AUTH_FAILURE_LIMIT), ("guesses", get_remote_address(request))
    request.state.view_rate_limit = (limit, keys)
    if not limiter._limiter.hit(limit, *keys):
        wait = {"Retry-After": str(limit.get_expiry())}
        raise HTTPException(429, "Too many requests.", wait)
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
