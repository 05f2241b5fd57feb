"""Replaces an entry in Redis and does not say anew when it ends."""

CAUGHT_BY = ("test_entries_in_redis_grow_old_too",)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return await self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        if not await self.redis.set(key, text, px=round(self.ttl * 1000), nx=True):
            await self.redis.set(key, text)

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
