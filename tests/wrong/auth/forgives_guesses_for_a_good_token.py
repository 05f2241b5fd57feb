"""Forgets the guesses of an address when a good token comes from it, as the guesser's own may."""

import time

from limits import parse

CAUGHT_BY = ("test_bad_tokens_are_limited",)


guessed = dict[str, list[float]]()


def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has; 429 once its address has tried too many."""
    limit, address, now = parse(AUTH_FAILURE_LIMIT), get_remote_address(request), time.monotonic()
    recent = [then for then in guessed.get(address, []) if now - then < limit.get_expiry()]
    guessed[address] = recent
    if len(recent) >= limit.amount:
        raise HTTPException(429, "Too many requests.", {"Retry-After": str(limit.get_expiry())})
    recent.append(now)
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        refuse_token(request)
    guessed.pop(get_remote_address(request), None)
