"""Sorts the items by their questions, which is easy to read and not what was asked."""

CAUGHT_BY = ("test_the_order_holds_when_the_last_question_is_answered_first",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    return sorted(items, key=lambda item: item.query)
