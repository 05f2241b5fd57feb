"""Asks the LLM and the cache at the same time, and takes what the cache has."""

CAUGHT_BY = (
    "test_equal_questions_are_one_call",
    "test_a_truncated_answer_is_not_kept",
    "test_two_processes_share_entries",
    "test_a_redis_that_is_back_is_used_again",
    "test_a_hit_is_the_same_answer",
    "test_a_redis_that_comes_later_is_used",
)


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    asking = asyncio.create_task(ask_llm(client, body))
    (known, source), completion = await asyncio.gather(look_up(key), asking)
    if known is not None:
        return known, source
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source
