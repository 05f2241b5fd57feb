"""Empties the whole cache for one caller who wants a fresh answer."""

CAUGHT_BY = (
    "test_a_fresh_answer_leaves_other_entries_alone",
    "test_a_replaced_entry_takes_no_second_place",
)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, and an empty cache."""
    completion = await ask_llm(client, body)
    if isinstance(cache, MemoryCache):
        cache.entries.clear()
    await keep(key, completion)
    return completion.response(), "BYPASS"
