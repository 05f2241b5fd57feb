"""Answers 401 without saying which scheme would do."""

CAUGHT_BY = (
    "test_a_wrong_token_is_401",
    "test_a_token_that_is_not_ascii_is_401",
)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.")
