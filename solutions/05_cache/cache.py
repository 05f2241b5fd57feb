"""Where entries are kept: in this process, or in a Redis that all processes share."""

import time
from collections import OrderedDict

from redis.asyncio import Redis


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds; the least recently used goes first."""

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.ttl = ttl
        self.max_entries = max_entries
        self.entries: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """The text kept under `key`, if it is there and young enough."""
        if key not in self.entries:
            return None
        kept_at, text = self.entries[key]
        if time.monotonic() - kept_at >= self.ttl:
            del self.entries[key]
            return None
        self.entries.move_to_end(key)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`, in the place of what was there."""
        self.entries[key] = (time.monotonic(), text)
        self.entries.move_to_end(key)
        if len(self.entries) > self.max_entries:
            self.entries.popitem(last=False)

    async def close(self) -> None:
        """There is nothing to close."""


class RedisCache:
    """Texts in Redis, each for `ttl` seconds; a Redis that is lost is a RedisError, and soon."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=0.2, socket_connect_timeout=0.2
        )

    async def get(self, key: str) -> str | None:
        """The text kept under `key`, by whichever process."""
        text: str | None = await self.redis.get(key)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`, in the place of what was there."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
