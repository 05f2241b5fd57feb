"""Takes a batch without a good answer for a failed request."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_batch_that_failed_as_a_whole_is_still_200",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    if all(item.error for item in items):
        raise HTTPException(502, "The language model could not answer.")
    return items
