"""Empties the cache when it starts."""

from contextlib import suppress

CAUGHT_BY = ("test_entries_outlive_a_restart",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; nothing of the last one is left."""
    if isinstance(cache, RedisCache):
        with suppress(RedisError):
            await cache.redis.flushdb()
    async with open_client() as client:
        yield {"client": client}
    await cache.close()
