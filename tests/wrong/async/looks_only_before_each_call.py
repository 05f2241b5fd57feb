"""Asks before each call whether the client is there; calls under way run on for nobody."""

CAUGHT_BY = (
    "test_the_calls_of_a_client_that_left_are_cancelled",
    "test_the_batch_of_another_client_goes_on",
)


async def answer_item(request: Request, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with places:
            if await request.is_disconnected():
                return BatchItem(query=prompt, error="The client has left.")
            completion = await ask_llm(request.state.client, prompt)
    except LLM_ERRORS as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    return await asyncio.gather(*(answer_item(request, prompt) for prompt in prompts))
