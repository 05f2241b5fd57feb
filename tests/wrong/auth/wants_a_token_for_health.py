"""Asks the probe for a token, which has none."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


@app.get("/health", dependencies=[Depends(authenticate)])
async def health() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}
