"""Refuses without a word on when to come back."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    return JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
