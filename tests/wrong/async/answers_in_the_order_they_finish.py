"""Collects the answers as they come, so the fastest question is the first item."""

CAUGHT_BY = (
    "test_the_order_holds_when_the_last_question_is_answered_first",
    "test_a_question_that_failed_keeps_its_place",
)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    calls = [asyncio.create_task(answer_item(client, prompt)) for prompt in prompts]
    try:
        return [await call for call in asyncio.as_completed(calls)]
    finally:
        for call in calls:
            call.cancel()
