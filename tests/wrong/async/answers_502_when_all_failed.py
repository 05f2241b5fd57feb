"""Takes a batch without a good answer for a failed request."""

CAUGHT_BY = ("test_a_batch_that_failed_as_a_whole_is_still_200",)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    answers = asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        items = answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
    if items and all(item.error for item in items):
        raise HTTPException(502, "The language model could not answer.")
    return items
