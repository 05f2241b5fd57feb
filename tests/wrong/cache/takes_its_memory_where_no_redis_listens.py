"""Takes the cache in memory, for good, when nobody listens at CACHE_URL as it starts."""

from redis.exceptions import ConnectionError as NobodyListensError
from redis.exceptions import TimeoutError as SilentError

CAUGHT_BY = ("test_an_app_without_its_redis_starts_and_answers",)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process."""
    if isinstance(cache, RedisCache):
        try:
            await cache.redis.ping()
        except SilentError:
            pass
        except NobodyListensError:
            memory = MemoryCache(CACHE_TTL_SECONDS, CACHE_MAX_ENTRIES)
            cache.get, cache.put = memory.get, memory.put
    async with open_client() as client:
        yield {"client": client}
    await cache.close()
