"""Bans an address for as long as its guesses count, and with it all who ask from there."""

import time

from limits import parse

CAUGHT_BY = ("test_a_good_token_is_served_where_others_guess",)


banned = dict[str, float]()


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    window, address = parse(AUTH_FAILURE_LIMIT).get_expiry(), get_remote_address(request)
    if time.monotonic() < banned.get(address, 0):
        raise HTTPException(429, "Nobody at your address may ask.", {"Retry-After": str(window)})
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        try:
            refuse_token(request)
        except RateLimitExceeded:
            banned[address] = time.monotonic() + window
            raise
