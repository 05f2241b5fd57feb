"""What is no ASCII is no guess."""

CAUGHT_BY = ("test_bad_tokens_are_limited",)


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking? The rest of the app finds the answer in `request.state.user`."""
    if not credentials.credentials.isascii():
        raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        refuse_token(request)
