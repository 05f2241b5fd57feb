"""Thinks that only users care for the truth about when to come back."""

CAUGHT_BY = ("test_coming_back_then_works",)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    limiter._inject_headers(answer, request.state.view_rate_limit)
    if request.state.user is None:
        answer.headers["Retry-After"] = "1"
    return answer
