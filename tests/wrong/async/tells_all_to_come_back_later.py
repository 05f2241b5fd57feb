"""Takes a batch whose calls were all refused with 429 for a request that came too early."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_batch_that_failed_as_a_whole_is_still_200",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    if all(item.error and "busy" in item.error for item in items):
        raise HTTPException(503, "The language model is busy. Please try again later.")
    return items
