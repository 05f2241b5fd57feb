"""Tries a lost Redis three times more, with longer and longer pauses."""

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

CAUGHT_BY = (
    "test_an_app_without_its_redis_starts_and_answers",
    "test_a_killed_redis_is_done_without",
    "test_an_app_beside_a_silent_redis_starts_and_answers",
    "test_a_silent_redis_is_not_waited_for",
    "test_a_fresh_answer_needs_no_redis",
    "test_ten_who_find_redis_silent_wait_no_longer_than_one",
    "test_an_answer_is_not_lost_with_the_redis_it_was_for",
)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.ttl = ttl
        self.redis = Redis.from_url(
            url,
            socket_timeout=0.2,
            socket_connect_timeout=0.2,
            retry=Retry(ExponentialBackoff(base=0.2, cap=1), 3),
        )

    async def get(self, key: str) -> str | None:
        """The text kept under `key`."""
        return await self.redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        await self.redis.set(key, text, px=round(self.ttl * 1000))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
