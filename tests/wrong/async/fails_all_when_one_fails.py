"""Cancels the other calls when one fails, and tells all of them that they failed."""

CAUGHT_BY = (
    "test_the_others_keep_their_answers_when_one_call_fails",
    "test_every_way_to_fail_is_the_outcome_of_one_item",
    "test_an_llm_that_says_nothing_fails_one_item",
)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    async with places:
        completion = await ask_llm(client, prompt)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    failed = False
    try:
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(answer_item(client, prompt)) for prompt in prompts]
    except* LLM_ERRORS:
        failed = True
    if failed:
        return [BatchItem(query=prompt, error="The batch has failed.") for prompt in prompts]
    return [call.result() for call in calls]
