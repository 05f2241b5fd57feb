"""Keeps a copy in memory, which nobody tells of a newer one."""

CAUGHT_BY = (
    "test_a_fresh_answer_is_seen_by_all_processes",
    "test_a_killed_redis_is_done_without",
    "test_a_silent_redis_is_not_waited_for",
)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.copies: dict[str, tuple[float, str]] = {}

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        kept_at, text = self.copies.get(key, (0.0, None))
        if text is not None and time.monotonic() - kept_at < self.ttl:
            return text
        return await self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        self.copies[key] = (time.monotonic(), text)
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
