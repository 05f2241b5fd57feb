"""Puts the items in the order of the alphabet."""

CAUGHT_BY = ("test_the_order_holds_when_the_last_question_is_answered_first",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in sorted(prompts)))
