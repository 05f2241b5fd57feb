"""Where entries are kept: in this process, or in a Redis that all processes share."""

import time
from collections import OrderedDict

from redis.asyncio import Redis


class MemoryCache:
    """At most `max_entries` texts, each for `ttl` seconds; the least recently used goes first."""

    # TODO(expiry): remember when each text was put here, and give out none that is `ttl` old.
    # TODO(bounded): when there are more than `max_entries`, one has to go: the one that nobody has
    # put or got for the longest time.

    def __init__(self, ttl: float, max_entries: int) -> None:
        self.entries: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        """The text kept under `key`, if it is there and young enough."""
        return self.entries.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`, in the place of what was there."""
        self.entries[key] = text

    async def close(self) -> None:
        """There is nothing to close."""


class RedisCache:
    """Texts in Redis, each for `ttl` seconds; a Redis that is lost is a RedisError, and soon."""

    # TODO(shared): keep a client of the Redis at `url`. `get` gets, `put` sets the text together
    # with its time to live (CACHE_TTL_SECONDS may be half a second), `close` closes the client.
    # TODO(degraded): a lost Redis may cost an answer half a second in all, so wait for a connection
    # and for each answer of Redis less than that.

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`, by whichever process."""
        return None

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`, in the place of what was there."""

    async def close(self) -> None:
        """Close the connections."""
