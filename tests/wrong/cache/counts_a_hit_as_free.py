"""Says that an answer from the cache has cost no tokens."""

CAUGHT_BY = ("test_a_hit_is_the_same_answer", "test_two_processes_share_entries")


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`."""
    try:
        text = await cache.get(key)
    except RedisError:
        return None, "BYPASS"
    if text is None:
        return None, "MISS"
    return QueryResponse.model_validate_json(text).model_copy(update={"tokens_used": 0}), "HIT"
