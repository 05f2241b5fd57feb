"""Lets nothing disturb it while it waits for the next call."""

from contextlib import suppress

CAUGHT_BY = ("test_a_hang_up_between_two_calls_frees_its_place",)
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
        end = asyncio.get_running_loop().time() + wait
        while (rest := end - asyncio.get_running_loop().time()) > 0:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(rest)
        tries += 1
