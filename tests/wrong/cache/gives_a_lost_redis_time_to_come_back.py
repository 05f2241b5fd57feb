"""Gives a Redis that was there and is gone a second to come back, in each request."""

import asyncio

from redis.exceptions import ConnectionError as GoneError

FILE = "cache.py"
CAUGHT_BY = ("test_a_killed_redis_is_done_without",)


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.was_there = False

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`."""
        try:
            text = await self.redis.get(key)
        except GoneError:
            if not self.was_there:
                raise
            await asyncio.sleep(1)
            text = await self.redis.get(key)
        self.was_there = True
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
