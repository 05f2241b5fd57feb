"""Makes the semaphore inside the request: ten clients have fifty places."""

CAUGHT_BY = ("test_two_batches_share_the_five_places",)


async def answer_item(
    client: httpx.AsyncClient, prompt: str, own_places: asyncio.Semaphore
) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with own_places:
            completion = await ask_llm(client, prompt)
    except (httpx.HTTPError, ValidationError) as error:
        return BatchItem(query=prompt, error=explain(error))
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    own_places = asyncio.Semaphore(MAX_CONCURRENCY)
    answers = asyncio.gather(*(answer_item(client, prompt, own_places) for prompt in prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
