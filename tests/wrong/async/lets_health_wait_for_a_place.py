"""Counts /health among the calls, so a long batch looks like a dead process."""

CAUGHT_BY = ("test_health_answers_while_batches_wait",)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    async with places:
        return {"status": "ok"}
