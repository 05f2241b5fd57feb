"""Says when to come back, and nothing before it is too late."""

CAUGHT_BY = ("test_answers_say_what_is_left",)


limiter = Limiter(
    key_func=user_key,
    key_style="endpoint",
    strategy="moving-window",
    storage_uri=RATE_LIMIT_STORAGE,
    storage_options=dict[str, Any](socket_timeout=0.5, socket_connect_timeout=0.5),
    in_memory_fallback_enabled=True,
)


@app.exception_handler(RateLimitExceeded)
async def too_many(request: Request, error: RateLimitExceeded) -> Response:
    """429."""
    limit = request.state.view_rate_limit[0]
    wait = {"Retry-After": str(limit.get_expiry())}
    return JSONResponse({"detail": "Too many requests. Please wait."}, 429, wait)
