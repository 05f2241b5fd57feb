"""Makes the semaphore inside the request: ten clients have fifty places."""

CAUGHT_BY = ("test_two_batches_share_the_five_places",)


async def answer_item(
    client: httpx.AsyncClient, prompt: str, own_places: asyncio.Semaphore
) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with own_places:
            completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    own_places = asyncio.Semaphore(MAX_CONCURRENCY)
    return await asyncio.gather(*(answer_item(client, prompt, own_places) for prompt in prompts))
