"""Answers 403 to a token that nobody has, as if it knew who asks."""

CAUGHT_BY = (
    "test_a_wrong_token_is_401",
    "test_a_token_that_is_not_ascii_is_401",
    "test_coming_back_then_works",
    "test_bad_tokens_are_limited",
    "test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default",
    "test_a_forwarded_address_does_not_hide_who_guesses",
    "test_another_address_has_guesses_of_its_own",
    "test_good_tokens_are_no_guesses",
    "test_a_bad_token_is_refused_without_redis",
)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def refuse_token(request: Request) -> NoReturn:
    """403 for a token that nobody has."""
    raise HTTPException(403, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
