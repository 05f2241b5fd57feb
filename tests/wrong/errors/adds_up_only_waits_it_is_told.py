"""Gives each call the whole deadline, and looks at the sum only when told to wait."""

CAUGHT_BY = ("test_the_deadline_is_for_all_calls_together",)
FILE = "retrying.py"


async def ask_llm(
    client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call the LLM up to three times; what the last call raises is what the caller gets."""
    deadline = asyncio.get_running_loop().time() + REQUEST_DEADLINE_SECONDS
    try:
        async with asyncio.timeout(None):
            return await call_until(deadline, client, body, headers)
    except TimeoutError:
        raise LLMFailed(504, "The language model took too long to answer.", outage=True) from None


async def call_until(
    deadline: float, client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call until there is an answer, or no use or no time for another call."""
    tries = 1
    while True:
        try:
            async with asyncio.timeout(REQUEST_DEADLINE_SECONDS):
                return await call_llm(client, body, headers)
        except LLMFailed as failed:
            wait = wait_before_retry(failed, tries)
            if wait is None:
                raise
            if failed.retry_after and asyncio.get_running_loop().time() + wait >= deadline:
                raise
        await asyncio.sleep(wait)
        tries += 1
