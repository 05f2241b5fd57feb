"""Asks in pairs and waits for both, whatever MAX_CONCURRENCY allows."""

CAUGHT_BY = (
    "test_the_calls_of_a_batch_overlap",
    "test_a_long_batch_has_five_calls_under_way",
)


async def in_pairs(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    items: list[BatchItem] = []
    for start in range(0, len(prompts), 2):
        pair = prompts[start : start + 2]
        items += await asyncio.gather(*(answer_item(client, prompt) for prompt in pair))
    return items


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(in_pairs(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
