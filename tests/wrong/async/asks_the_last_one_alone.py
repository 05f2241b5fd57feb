"""Makes tasks of all but the last prompt, waits for them, and then awaits the last one itself."""

CAUGHT_BY = ("test_the_calls_of_a_batch_overlap",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    first = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts[:-1]))
    return [*first, await answer_item(client, prompts[-1])]
