"""Looks into the cache, where there is nothing yet, and asks."""

CAUGHT_BY = (
    "test_twenty_equal_questions_at_once_are_one_call",
    "test_a_failure_is_told_to_all_who_wait",
    "test_twenty_equal_questions_at_once_are_one_call_beside_redis",
    "test_a_cut_answer_is_told_to_all_who_wait",
    "test_an_entry_that_grew_old_brings_no_crowd",
)


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache or the LLM."""
    return await find_or_ask(client, body, key)
