"""Leaves the blank ones out and answers the rest, one item short."""

CAUGHT_BY = ("test_a_blank_item_refuses_the_whole_batch",)

Batch = Annotated[
    list[Annotated[str, Field(max_length=8000)]], Field(min_length=1, max_length=MAX_BATCH)
]


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    said = [prompt for prompt in prompts if prompt.strip()]
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in said))
