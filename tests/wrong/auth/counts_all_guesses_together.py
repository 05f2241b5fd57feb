"""Counts the guesses of all addresses together, so one of them silences the rest."""

CAUGHT_BY = ("test_another_address_has_guesses_of_its_own",)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=lambda: "guesses")
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
