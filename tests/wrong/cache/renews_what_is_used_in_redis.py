"""Tells Redis the time to live again with every use."""

CAUGHT_BY = ("test_a_use_makes_no_entry_in_redis_younger",)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`."""
        return await self.redis.getex(key, px=round(self.ttl * 1000))

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
