"""Starts with the first question, comes to a blank one, and refuses; what was started goes on."""

from fastapi import HTTPException

CAUGHT_BY = ("test_a_blank_item_refuses_the_whole_batch",)

Batch = Annotated[
    list[Annotated[str, Field(max_length=8000)]], Field(min_length=1, max_length=MAX_BATCH)
]


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    calls = []
    for prompt in prompts:
        if not prompt.strip():
            raise HTTPException(422, "A question is blank.")
        calls.append(asyncio.create_task(answer_item(client, prompt)))
    return await asyncio.gather(*calls)
