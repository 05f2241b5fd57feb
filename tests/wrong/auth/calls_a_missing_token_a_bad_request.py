"""Answers 400 when no token stands behind the word Bearer, as if the question were no JSON."""

CAUGHT_BY = ("test_an_empty_token_is_401",)


async def authenticate(request: Request) -> None:
    """Who is asking?"""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, "Who is asking?", {"WWW-Authenticate": "Bearer"})
    if not token:
        raise HTTPException(400, "There is no token behind the word Bearer.")
    request.state.user = user_of(token)
    if request.state.user is None:
        refuse_token(request)
