"""Serves callers without a token as a guest."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


async def authenticate(
    request: Request,
    credentials: Annotated[
        HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
    ],
) -> None:
    """Who is asking?"""
    request.state.user = user_of(credentials.credentials) if credentials else "guest"
    if request.state.user is None:
        refuse_token(request)
