"""Takes no-cache for something that only browsers say."""

CAUGHT_BY = (
    "test_no_cache_is_answered_afresh",
    "test_a_fresh_answer_that_fails_is_a_failure",
)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As any other question."""
    return await find_or_ask(client, body, key)
