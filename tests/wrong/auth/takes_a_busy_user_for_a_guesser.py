"""Takes a user who asks too much for an attacker, and refuses the next guess from there at once."""

import time

from limits import parse

CAUGHT_BY = ("test_good_tokens_are_no_guesses",)


suspected_until = dict[str, float]()


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> None:
    """Who is asking?"""
    request.state.user = user_of(credentials.credentials)
    if request.state.user is None:
        if time.monotonic() < suspected_until.get(get_remote_address(request), 0):
            wait = {"Retry-After": str(parse(AUTH_FAILURE_LIMIT).get_expiry())}
            raise HTTPException(429, "Too many requests.", wait)
        refuse_token(request)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    if request.state.user is not None:
        window = parse(AUTH_FAILURE_LIMIT).get_expiry()
        suspected_until[get_remote_address(request)] = time.monotonic() + window
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    return limiter._inject_headers(answer, request.state.view_rate_limit)
