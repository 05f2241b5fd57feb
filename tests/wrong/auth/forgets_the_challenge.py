"""Answers 401 without saying which scheme would do."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.")
