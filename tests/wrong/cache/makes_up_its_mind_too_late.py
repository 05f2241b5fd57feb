"""Looks whether somebody is asking, then awaits, and only then says that it asks."""

CAUGHT_BY = (
    "test_twenty_equal_questions_at_once_are_one_call",
    "test_a_failure_is_told_to_all_who_wait",
    "test_twenty_equal_questions_at_once_are_one_call_beside_redis",
    "test_a_cut_answer_is_told_to_all_who_wait",
    "test_an_entry_that_grew_old_brings_no_crowd",
)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, once for all who wait."""
    if key not in under_way:
        await asyncio.sleep(0.05)
        task = under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
        task.add_done_callback(lambda _: under_way.pop(key, None))
    return await asyncio.shield(under_way[key])
