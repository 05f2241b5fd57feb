"""Lets a probe call the LLM, which costs a call each time and fails with it."""

CAUGHT_BY = ("test_health_answers_without_the_llm",)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    await request.state.client.get("/models")
    return {"status": "ok"}
