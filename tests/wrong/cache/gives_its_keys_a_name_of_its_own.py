"""Puts its process id before each key."""

import os

CAUGHT_BY = (
    "test_two_processes_share_entries",
    "test_entries_outlive_a_restart",
    "test_a_fresh_answer_is_seen_by_all_processes",
)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return await self.redis.get(f"{os.getpid()}:{key}")

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(f"{os.getpid()}:{key}", text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
