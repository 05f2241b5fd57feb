"""Has a lock for each question, and a failure goes through it twenty times."""

CAUGHT_BY = (
    "test_a_failure_is_told_to_all_who_wait",
    "test_a_cut_answer_is_told_to_all_who_wait",
)


locks: dict[str, asyncio.Lock] = {}


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """One at a time; who comes second finds what the first has kept."""
    async with locks.setdefault(key, asyncio.Lock()):
        return await find_or_ask(client, body, key)
