"""Says when to come back only where a window is not the usual minute."""

CAUGHT_BY = ("test_a_429_says_when_to_come_back",)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    limiter._inject_headers(answer, request.state.view_rate_limit)
    if request.state.view_rate_limit[0].get_expiry() == 60:
        del answer.headers["Retry-After"]
    return answer
