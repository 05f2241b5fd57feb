"""Keeps what was asked for afresh, even when it was cut off."""

CAUGHT_BY = ("test_a_truncated_answer_is_not_kept",)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    completion = await ask_llm(client, body)
    await keep(key, completion.model_copy(update={"finish_reason": "stop"}))
    return completion.response(), "BYPASS"
