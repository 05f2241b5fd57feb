"""Ends every call there is when one client leaves."""

CAUGHT_BY = ("test_the_batch_of_another_client_goes_on",)

batches: set[asyncio.Future[list[BatchItem]]] = set()


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    answers = asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    batches.add(answers)
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not answers.done():
            for batch in batches:
                batch.cancel()
        return [] if leaving.done() or answers.cancelled() else answers.result()
    finally:
        batches.discard(answers)
        leaving.cancel()
