"""Asks the probe for a token, which has none."""

CAUGHT_BY = ("test_health_is_open_and_unlimited",)


@app.get("/health", dependencies=[Depends(authenticate)])
async def health() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}
