"""Ends every call there is when one client leaves."""

CAUGHT_BY = ("test_the_batch_of_another_client_goes_on",)

batches: set[asyncio.Future[list[BatchItem]]] = set()


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(answer_all(request.state.client, prompts))
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
