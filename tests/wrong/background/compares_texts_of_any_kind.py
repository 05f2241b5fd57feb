"""Compares tokens as texts, which `compare_digest` refuses as soon as one is not ASCII."""

CAUGHT_BY = ("test_usage_asks_for_a_token",)
FILE = "callers.py"


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> str:
    """The user whose token was sent; 401 when it is nobody's."""
    for known, user in API_KEYS.items():
        if secrets.compare_digest(credentials.credentials, known.decode()):
            return user
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
