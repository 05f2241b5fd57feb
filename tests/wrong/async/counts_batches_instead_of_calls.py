"""Lets five batches in, each with all of its calls."""

CAUGHT_BY = (
    "test_one_batch_has_never_more_than_five_calls_in_flight",
    "test_two_batches_share_the_five_places",
    "test_max_concurrency_is_the_number_of_places",
)


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        completion = await ask_llm(client, prompt)
    except (httpx.HTTPError, ValidationError) as error:
        return BatchItem(query=prompt, error=explain(error))
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def with_a_place(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    async with places:
        return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(with_a_place(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
