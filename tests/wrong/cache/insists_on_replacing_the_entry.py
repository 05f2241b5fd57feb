"""Answers who wants no cache once Redis has the answer, or has refused it eight times."""

CAUGHT_BY = ("test_a_fresh_answer_needs_no_redis",)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    completion = await ask_llm(client, body)
    for pause in range(8):
        if await keep(key, completion) == "MISS":
            break
        await asyncio.sleep(pause / 10)
    return completion.response(), "BYPASS"
