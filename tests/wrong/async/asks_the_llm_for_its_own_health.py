"""Calls the LLM on /health, which has nothing to do with this process."""

CAUGHT_BY = ("test_health_does_not_ask_the_llm",)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    await request.state.client.get("/models")
    return {"status": "ok"}
