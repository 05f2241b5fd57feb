"""Counts guesses under X-Real-IP, as behind a proxy, and there is none."""

CAUGHT_BY = ("test_a_forwarded_address_does_not_hide_who_guesses",)


@limiter.limit(
    AUTH_FAILURE_LIMIT,
    key_func=lambda request: request.headers.get("X-Real-IP", get_remote_address(request)),
)
def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
