"""Fails to answer afresh when it cannot replace the entry."""

CAUGHT_BY = ("test_no_cache_needs_no_redis",)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    completion = await ask_llm(client, body)
    if completion.finish_reason == "stop":
        await cache.put(key, completion.response().model_dump_json())
    return completion.response(), "BYPASS"
