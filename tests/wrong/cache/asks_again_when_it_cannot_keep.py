"""Begins anew without the cache when the cache is lost, wherever it was."""

CAUGHT_BY = ("test_an_answer_is_not_lost_with_the_redis_it_was_for",)


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    try:
        text = await cache.get(key)
        if text is not None:
            return QueryResponse.model_validate_json(text), "HIT"
        completion = await ask_llm(client, body)
        if completion.finish_reason == "stop":
            await cache.put(key, completion.response().model_dump_json())
        return completion.response(), "MISS"
    except RedisError:
        return (await ask_llm(client, body)).response(), "BYPASS"
