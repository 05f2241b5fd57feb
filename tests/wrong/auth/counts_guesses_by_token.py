"""Counts each wrong token by itself, and who guesses never sends one twice."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=lambda request: request.headers["Authorization"])
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
