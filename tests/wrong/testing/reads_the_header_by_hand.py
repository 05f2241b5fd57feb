"""Reads the Authorization header where no schema can see it."""

CAUGHT_BY = ("test_the_bearer_scheme_is_declared",)


async def authenticate(request: Request) -> str:
    """The user whose token was sent; 401 when it is nobody's."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token.strip().encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    if scheme.lower() != "bearer" or not users:
        raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
    return users[0]
