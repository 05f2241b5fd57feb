"""Says nothing but no to those who guess."""

CAUGHT_BY = (
    "test_a_429_says_when_to_come_back",
    "test_coming_back_then_works",
)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    if request.state.user is None:
        return answer
    return limiter._inject_headers(answer, request.state.view_rate_limit)
