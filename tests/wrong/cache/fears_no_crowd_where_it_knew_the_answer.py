"""Waits for nobody when there is an entry, which may be too old."""

CAUGHT_BY = ("test_an_entry_that_grew_old_brings_no_crowd",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who asks what is not known yet waits for an equal question."""
    if isinstance(cache, MemoryCache) and key in cache.entries:
        return await find_or_ask(client, body, key)
    if key not in under_way:
        under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
        under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
