"""Looks whether an answer is whole only where memory is short."""

CAUGHT_BY = ("test_entries_in_redis_are_as_good_and_as_much_apart",)


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one, or if there is room for all."""
    if completion.finish_reason == "stop" or isinstance(cache, RedisCache):
        try:
            await cache.put(key, completion.response().model_dump_json())
        except RedisError:
            return "BYPASS"
    return "MISS"
