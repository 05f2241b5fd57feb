"""Serves nobody at an address that has guessed as often as a user may ask."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

CAUGHT_BY = ("test_bad_tokens_use_up_nobodys_budget",)


guesses = MovingWindowRateLimiter(MemoryStorage())


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    limit, address = parse(RATE_LIMIT), get_remote_address(request)
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        guesses.hit(limit, address)
        refuse_token(request)
    if not guesses.test(limit, address):
        wait = {"Retry-After": str(limit.get_expiry())}
        raise HTTPException(429, "Too many requests from your address.", wait)
