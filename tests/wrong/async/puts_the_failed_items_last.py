"""Shows the good items first, so an answer stands where another question was."""

CAUGHT_BY = ("test_a_question_that_failed_keeps_its_place",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    return sorted(items, key=lambda item: item.error is not None)
