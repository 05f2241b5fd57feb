"""Gives the first call the id, and forgets it for those that follow."""

CAUGHT_BY = ("test_the_llm_hears_the_id",)
FILE = "retrying.py"


async def call_until(
    deadline: float, client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call until there is an answer, or no use or no time for another call."""
    tries = 1
    while True:
        try:
            return await call_llm(client, body, headers if tries == 1 else {})
        except LLMFailed as failed:
            wait = wait_before_retry(failed, tries)
            if wait is None or asyncio.get_running_loop().time() + wait >= deadline:
                raise
        await asyncio.sleep(wait)
        tries += 1
