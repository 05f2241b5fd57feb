"""Puts one time limit around the batch: the slowest call takes the others' answers with it."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = ("test_an_llm_that_says_nothing_fails_one_item",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    try:
        async with asyncio.timeout(LLM_TIMEOUT_SECONDS * 0.9):
            return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    except TimeoutError:
        return [BatchItem(query=prompt, error="The batch took too long.") for prompt in prompts]
