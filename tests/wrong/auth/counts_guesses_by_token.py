"""Counts each wrong token by itself, and who guesses never sends one twice."""

CAUGHT_BY = (
    "test_bad_tokens_are_limited",
    "test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default",
    "test_a_forwarded_address_does_not_hide_who_guesses",
    "test_a_bad_token_is_refused_without_redis",
)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=lambda request: request.headers["Authorization"])
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
