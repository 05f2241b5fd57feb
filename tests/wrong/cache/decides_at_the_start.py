"""Greets Redis at the start, and has no cache for ever if Redis has no answer."""

CAUGHT_BY = ("test_a_redis_that_comes_later_is_used",)


async def no_cache(*_: str) -> None:
    """What is got from no cache, and put into it."""
    raise RedisError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process."""
    if isinstance(cache, RedisCache):
        try:
            await cache.redis.ping()
        except RedisError:
            cache.get = cache.put = no_cache
    async with open_client() as client:
        yield {"client": client}
    await cache.close()
