"""Answers 503 on /health when all places are taken; the platform restarts it in mid-batch."""

from fastapi import HTTPException

CAUGHT_BY = ("test_health_answers_while_batches_wait",)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    if places.locked():
        raise HTTPException(503, "All places are taken.")
    return {"status": "ok"}
