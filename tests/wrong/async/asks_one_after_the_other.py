"""Awaits in a loop: the second call starts when the first one is over."""

CAUGHT_BY = (
    "test_the_calls_of_a_batch_overlap",
    "test_a_long_batch_has_five_calls_under_way",
)


async def one_by_one(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    return [await answer_item(client, prompt) for prompt in prompts]


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(one_by_one(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
