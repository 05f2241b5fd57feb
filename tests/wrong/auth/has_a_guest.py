"""Serves callers without a token as a guest."""

CAUGHT_BY = (
    "test_no_token_is_401",
    "test_another_scheme_is_401",
    "test_an_empty_token_is_401",
)


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
