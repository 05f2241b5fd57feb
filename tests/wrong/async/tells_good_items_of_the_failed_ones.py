"""Writes into the error of each good item that others failed, so it looks failed, too."""

CAUGHT_BY = ("test_the_others_keep_their_answers_when_one_call_fails",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    failed = sum(item.error is not None for item in items)
    for item in items:
        if failed and item.error is None:
            item.error = f"{failed} of {len(items)} questions could not be answered."
    return items
