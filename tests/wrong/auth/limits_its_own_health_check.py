"""Limits /health, so that a busy probe makes the app look ill."""

CAUGHT_BY = ("test_health_is_open_and_unlimited",)


@app.get("/health")
@limiter.limit("100/minute", key_func=get_remote_address)
async def health(request: Request, response: Response) -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}
