"""Refuses without a word on when to come back."""

CAUGHT_BY = (
    "test_a_429_says_when_to_come_back",
    "test_coming_back_then_works",
    "test_answers_say_what_is_left",
)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    return JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
