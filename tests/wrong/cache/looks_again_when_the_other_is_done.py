"""Waits for the call under way, and looks for its answer in the cache."""

CAUGHT_BY = ("test_a_cut_answer_is_told_to_all_who_wait",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, after a call that is under way."""
    if key in under_way:
        await asyncio.shield(under_way[key])
        return await find_or_ask(client, body, key)
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
