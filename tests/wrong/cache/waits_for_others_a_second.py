"""Waits a second for the call of another, and then makes its own."""

CAUGHT_BY = ("test_twenty_equal_questions_at_once_are_one_call",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key not in under_way:
        under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
        under_way[key].add_done_callback(lambda _: under_way.pop(key))
    try:
        return await asyncio.wait_for(asyncio.shield(under_way[key]), 1)
    except TimeoutError:
        return await find_or_ask(client, body, key)
