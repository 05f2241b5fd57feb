"""Waits for Redis only a little when it looks, and for seconds when it keeps."""

CAUGHT_BY = (
    "test_an_answer_is_not_lost_with_the_redis_it_was_for",
    "test_a_fresh_answer_needs_no_redis",
)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.pen = Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return await self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.pen.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
