"""Counts before it knows whether the token is good."""

CAUGHT_BY = (
    "test_coming_back_then_works",
    "test_bad_tokens_are_limited",
    "test_a_good_token_is_served_where_others_guess",
    "test_good_tokens_are_no_guesses",
)


@limiter.limit(AUTH_FAILURE_LIMIT, key_func=get_remote_address)
def count(request: Request, response: Response) -> None:
    """One more from this address."""


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    request.state.user = None
    count(request=request, response=Response())
    request.state._rate_limiting_complete = False
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
