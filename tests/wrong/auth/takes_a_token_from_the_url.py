"""Takes the token from the URL as well, where every log on the way keeps it."""

CAUGHT_BY = ("test_no_token_is_401",)


async def authenticate(
    request: Request,
    credentials: Annotated[
        HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
    ],
) -> None:
    """Who is asking?"""
    in_url = request.query_params.get("access_token", "")
    request.state.user = user_of(credentials.credentials if credentials else in_url)
    if request.state.user is None:
        refuse_token(request)
