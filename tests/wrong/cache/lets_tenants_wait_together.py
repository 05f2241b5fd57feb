"""Knows a call under way by its question, and forgets who asks."""

CAUGHT_BY = ("test_other_questions_never_wait_for_the_same_call",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, once for all who ask the same."""
    same = body.model_dump_json()
    if same not in under_way:
        under_way[same] = asyncio.create_task(find_or_ask(client, body, key))
        under_way[same].add_done_callback(lambda _: under_way.pop(same))
    return await asyncio.shield(under_way[same])
