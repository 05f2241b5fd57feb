"""Says MISS when nobody could look."""

CAUGHT_BY = (
    "test_an_app_without_its_redis_starts_and_answers",
    "test_an_app_beside_a_silent_redis_starts_and_answers",
    "test_a_killed_redis_is_done_without",
    "test_a_silent_redis_is_not_waited_for",
)


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`."""
    try:
        text = await cache.get(key)
    except RedisError:
        text = None
    if text is None:
        return None, "MISS"
    return QueryResponse.model_validate_json(text), "HIT"


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one."""
    if completion.finish_reason == "stop":
        try:
            await cache.put(key, completion.response().model_dump_json())
        except RedisError:
            pass
    return "MISS"
