"""Minds a lost cache when it looks, not when it keeps."""

CAUGHT_BY = (
    "test_an_answer_is_not_lost_with_the_redis_it_was_for",
    "test_a_fresh_answer_needs_no_redis",
)


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one."""
    if completion.finish_reason == "stop":
        await cache.put(key, completion.response().model_dump_json())
    return "MISS"
