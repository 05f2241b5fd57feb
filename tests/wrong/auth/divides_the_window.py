"""Thinks that a place is free again after a tenth of the window."""

CAUGHT_BY = ("test_coming_back_then_works",)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    limiter._inject_headers(answer, request.state.view_rate_limit)
    limit = request.state.view_rate_limit[0]
    answer.headers["Retry-After"] = str(max(1, limit.get_expiry() // limit.amount))
    return answer
