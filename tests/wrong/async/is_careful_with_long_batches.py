"""Asks a short batch at once and a long one question by question."""

CAUGHT_BY = ("test_a_long_batch_has_five_calls_under_way",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    if len(prompts) > 2 * MAX_CONCURRENCY:
        return [await answer_item(client, prompt) for prompt in prompts]
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
