"""Answers from a memory of its own while Redis is lost."""

CAUGHT_BY = (
    "test_an_app_without_its_redis_starts_and_answers",
    "test_an_app_beside_a_silent_redis_starts_and_answers",
    "test_a_killed_redis_is_done_without",
    "test_a_silent_redis_is_not_waited_for",
)


reserve = MemoryCache(CACHE_TTL_SECONDS, CACHE_MAX_ENTRIES)


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`, or the reserve when it is lost."""
    try:
        text = await cache.get(key)
    except RedisError:
        text = await reserve.get(key)
        if text is None:
            return None, "BYPASS"
    if text is None:
        return None, "MISS"
    return QueryResponse.model_validate_json(text), "HIT"


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known, source
    completion = await ask_llm(client, body)
    if source == "MISS":
        source = await keep(key, completion)
    else:
        await reserve.put(key, completion.response().model_dump_json())
    return completion.response(), source
