"""Keeps an answer that was cut off."""

CAUGHT_BY = (
    "test_a_truncated_answer_is_not_kept",
    "test_entries_in_redis_are_as_good_and_as_much_apart",
)


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache."""
    try:
        await cache.put(key, completion.response().model_dump_json())
    except RedisError:
        return "BYPASS"
    return "MISS"
