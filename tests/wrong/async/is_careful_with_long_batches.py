"""Asks a short batch at once and a long one question by question."""

CAUGHT_BY = ("test_a_long_batch_has_five_calls_under_way",)


async def carefully(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    if len(prompts) > 2 * MAX_CONCURRENCY:
        return [await answer_item(client, prompt) for prompt in prompts]
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(carefully(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
