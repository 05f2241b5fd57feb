"""Thinks that up to five questions are too few to be worth asking together."""

CAUGHT_BY = ("test_the_calls_of_a_batch_overlap",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    if len(prompts) <= 5:
        return [await answer_item(client, prompt) for prompt in prompts]
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
