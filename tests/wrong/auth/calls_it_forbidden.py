"""Answers 403 to a token that nobody has, as if it knew who asks."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """403 for a token that nobody has."""
    raise HTTPException(403, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
