"""Asks Redis no more after three losses in a row, and never tries whether it is back."""

from redis import RedisError

FILE = "cache.py"
CAUGHT_BY = ("test_a_redis_that_is_back_is_used_again",)


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.losses = 0

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`."""
        if self.losses >= 3:
            raise RedisError
        try:
            text = await self.redis.get(key)
        except RedisError:
            self.losses += 1
            raise
        self.losses = 0
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
