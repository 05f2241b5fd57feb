"""Looks whether the LLM is there before it looks at the token."""

CAUGHT_BY = (
    "test_a_wrong_token_is_401",
    "test_a_token_that_is_not_ascii_is_401",
    "test_a_refused_connection_is_502_behind_the_token",
)


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    await request.state.client.get("/models")
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        refuse_token(request)
