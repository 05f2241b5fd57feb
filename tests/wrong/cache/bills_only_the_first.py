"""Tells those who waited that their answer cost nothing."""

CAUGHT_BY = ("test_twenty_equal_questions_at_once_are_one_call",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key in under_way:
        answer, source = await asyncio.shield(under_way[key])
        return answer.model_copy(update={"tokens_used": 0}), source
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
