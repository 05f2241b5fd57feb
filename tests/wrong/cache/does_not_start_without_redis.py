"""Greets Redis at the start, and has no answer if Redis has none."""

CAUGHT_BY = (
    "test_an_app_without_its_redis_starts_and_answers",
    "test_an_app_beside_a_silent_redis_starts_and_answers",
    "test_a_redis_that_comes_later_is_used",
    "test_health_needs_no_redis",
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process."""
    if isinstance(cache, RedisCache):
        await cache.redis.ping()
    async with open_client() as client:
        yield {"client": client}
    await cache.close()
