"""Says MISS of an answer that was never looked for."""

CAUGHT_BY = ("test_no_cache_is_answered_afresh",)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    completion = await ask_llm(client, body)
    return completion.response(), await keep(key, completion)
