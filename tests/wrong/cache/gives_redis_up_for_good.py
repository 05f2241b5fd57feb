"""Never looks again once Redis was lost."""

from redis import RedisError

CAUGHT_BY = (
    "test_a_redis_that_is_back_is_used_again",
    "test_a_redis_that_comes_later_is_used",
)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.lost = False

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        if self.lost:
            raise RedisError
        try:
            return await self.redis.get(key)
        except RedisError:
            self.lost = True
            raise

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
