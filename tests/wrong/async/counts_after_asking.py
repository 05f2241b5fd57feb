"""Looks at the length when the calls are paid for."""

from fastapi import HTTPException

CAUGHT_BY = (
    "test_thirty_two_questions_are_answered_and_thirty_three_refused",
    "test_max_batch_is_the_longest_batch",
)

Batch = Annotated[list[Prompt], Field(min_length=1)]


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    items = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    if len(items) > MAX_BATCH:
        raise HTTPException(422, "The batch is too long.")
    return items
