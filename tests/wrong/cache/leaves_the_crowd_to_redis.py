"""Thinks that a Redis keeps equal questions apart in time."""

CAUGHT_BY = ("test_twenty_equal_questions_at_once_are_one_call_beside_redis",)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, once for all who wait where there is no Redis."""
    if isinstance(cache, RedisCache):
        return await find_or_ask(client, body, key)
    if key not in under_way:
        under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
        under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])
