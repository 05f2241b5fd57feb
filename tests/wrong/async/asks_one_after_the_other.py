"""Awaits in a loop: the second call starts when the first one is over."""

CAUGHT_BY = (
    "test_the_calls_of_a_batch_overlap",
    "test_a_long_batch_has_five_calls_under_way",
    "test_max_concurrency_is_the_number_of_places",
)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    return [await answer_item(client, prompt) for prompt in prompts]
