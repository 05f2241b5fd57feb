"""Asks in pairs and waits for both, whatever MAX_CONCURRENCY allows."""

CAUGHT_BY = (
    "test_the_calls_of_a_batch_overlap",
    "test_a_long_batch_has_five_calls_under_way",
    "test_max_concurrency_is_the_number_of_places",
)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items: list[BatchItem] = []
    for start in range(0, len(prompts), 2):
        pair = prompts[start : start + 2]
        items += await asyncio.gather(*(answer_item(client, prompt) for prompt in pair))
    return items
