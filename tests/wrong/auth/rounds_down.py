"""Rounds the wait down, to nothing in the last second."""

import time

CAUGHT_BY = ("test_coming_back_then_works",)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    answer = JSONResponse({"detail": "Too many requests. Please wait."}, status_code=429)
    limiter._inject_headers(answer, request.state.view_rate_limit)
    limit, keys = request.state.view_rate_limit
    reset, _ = limiter.limiter.get_window_stats(limit, *keys)
    answer.headers["Retry-After"] = str(int(reset - time.time()))
    return answer
