"""Calls itself ill when Redis does not answer."""

from fastapi import HTTPException

CAUGHT_BY = ("test_health_needs_no_redis",)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process and its Redis answer."""
    try:
        await cache.get("health")
    except RedisError:
        raise HTTPException(503, "Redis is not there.") from None
    return {"status": "ok"}
