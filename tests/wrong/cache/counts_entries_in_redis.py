"""Deletes from Redis what the memory would have had no room for."""

import os

CAUGHT_BY = ("test_entries_in_redis_are_not_counted",)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.mine: list[str] = []

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return await self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))
        self.mine = [*(other for other in self.mine if other != key), key]
        for old in self.mine[: -int(os.environ.get("CACHE_MAX_ENTRIES", "1000"))]:
            await self.redis.delete(old)
            self.mine.remove(old)

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
