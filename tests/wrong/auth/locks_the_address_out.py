"""Locks a whole address out, good tokens and all, once somebody there has guessed."""

CAUGHT_BY = (
    "test_coming_back_then_works",
    "test_a_good_token_is_served_where_others_guess",
)


locked = set[str]()


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    address = get_remote_address(request)
    if address in locked:
        raise HTTPException(429, "Nobody at your address may ask.", {"Retry-After": "60"})
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        try:
            refuse_token(request)
        except RateLimitExceeded:
            locked.add(address)
            raise
