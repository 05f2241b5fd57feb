"""Puts one time limit around the batch: the slowest call takes the others' answers with it."""

CAUGHT_BY = ("test_an_llm_that_says_nothing_fails_one_item",)


async def in_time(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    try:
        async with asyncio.timeout(LLM_TIMEOUT_SECONDS * 0.9):
            return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    except TimeoutError:
        return [BatchItem(query=prompt, error="The batch took too long.") for prompt in prompts]


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(in_time(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
