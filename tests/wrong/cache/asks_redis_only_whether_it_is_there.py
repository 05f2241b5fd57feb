"""Asks Redis only whether an entry is still there, and takes the text it knows itself."""

FILE = "cache.py"
CAUGHT_BY = ("test_a_fresh_answer_is_seen_by_all_processes",)


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self.known: dict[str, str | bytes | None] = {}

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`, which is sent only once."""
        if not await self.redis.exists(key):
            return None
        if key not in self.known:
            self.known[key] = await self.redis.get(key)
        return self.known[key]

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))
        self.known[key] = text

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
