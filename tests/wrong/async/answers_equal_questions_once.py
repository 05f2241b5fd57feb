"""Keeps the items in a dict by question, so the second of two equal ones is gone."""

CAUGHT_BY = ("test_a_question_that_is_asked_twice_is_answered_twice",)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    once = dict.fromkeys(prompts)
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in once))
