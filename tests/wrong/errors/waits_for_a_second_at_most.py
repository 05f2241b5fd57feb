"""Thinks that nobody can mean more than a second."""

CAUGHT_BY = ("test_the_wait_is_as_long_as_the_llm_asks_for",)
FILE = "retrying.py"


async def call_until(
    deadline: float, client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call until there is an answer, or no use or no time for another call."""
    tries = 1
    while True:
        try:
            return await call_llm(client, body, headers)
        except LLMFailed as failed:
            wait = wait_before_retry(failed, tries)
            if wait is None or asyncio.get_running_loop().time() + wait >= deadline:
                raise
        await asyncio.sleep(min(wait, 1 + random.uniform(0, FIRST_WAIT_SECONDS)))
        tries += 1
