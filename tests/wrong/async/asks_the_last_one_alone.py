"""Makes tasks of all but the last prompt, waits for them, and then awaits the last one itself."""

CAUGHT_BY = ("test_the_calls_of_a_batch_overlap",)


async def and_then_the_last(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    first = await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts[:-1]))
    return [*first, await answer_item(client, prompts[-1])]


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(and_then_the_last(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
