"""Greets Redis before it starts, and waits for the reply however long it takes."""

from contextlib import suppress

from redis.asyncio import Redis

CAUGHT_BY = ("test_an_app_beside_a_silent_redis_starts_and_answers",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process."""
    if isinstance(cache, RedisCache):
        async with Redis.from_url(CACHE_URL, socket_timeout=None) as greeted:
            with suppress(RedisError):
                await greeted.ping()
    async with open_client() as client:
        yield {"client": client}
    await cache.close()
