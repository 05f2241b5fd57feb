"""Collects the answers as they come, so the fastest question is the first item."""

CAUGHT_BY = ("test_the_order_holds_when_the_last_question_is_answered_first",)


async def as_they_finish(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    calls = [asyncio.create_task(answer_item(client, prompt)) for prompt in prompts]
    try:
        return [await call for call in asyncio.as_completed(calls)]
    finally:
        for call in calls:
            call.cancel()


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(as_they_finish(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
