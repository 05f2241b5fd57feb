"""Has a budget for each model, and anybody can name another one."""

CAUGHT_BY = ("test_what_is_asked_changes_nothing",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return f"{request.state.user} {json.loads(request.state.body).get('model')}"


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    request.state.body = await request.body()
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        refuse_token(request)
