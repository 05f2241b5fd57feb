"""Forgets the time that the calls have taken when it looks whether a wait fits."""

CAUGHT_BY = ("test_a_wait_beyond_what_is_left_is_not_begun",)
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
            if wait is None or wait >= REQUEST_DEADLINE_SECONDS:
                raise
        await asyncio.sleep(wait)
        tries += 1
