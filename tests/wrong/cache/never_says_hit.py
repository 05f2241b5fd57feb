"""Says MISS of every answer, wherever it comes from."""

CAUGHT_BY = ("test_the_answer_says_where_it_comes_from",)


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`."""
    try:
        text = await cache.get(key)
    except RedisError:
        return None, "BYPASS"
    return (QueryResponse.model_validate_json(text) if text else None), "MISS"
