"""Waits for Redis with the client that blocks."""

import redis

CAUGHT_BY = ("test_ten_who_find_redis_silent_wait_no_longer_than_one",)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        self.redis.close()
