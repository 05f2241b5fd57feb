"""Has one variable for the call under way, so the last of five is cancelled and four go on."""

CAUGHT_BY = ("test_the_calls_of_a_client_that_left_are_cancelled",)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    leaving = asyncio.create_task(client_left(request))
    call = None

    async def answer(prompt: str) -> BatchItem:
        nonlocal call
        async with places:
            if leaving.done():
                return BatchItem(query=prompt, error="The client has left.")
            call = asyncio.create_task(ask_llm(request.state.client, prompt))
            try:
                completion = await call
            except LLM_ERRORS as error:
                return BatchItem(query=prompt, error=explain(error).detail)
            except asyncio.CancelledError:
                return BatchItem(query=prompt, error="The client has left.")
        return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)

    answers = asyncio.gather(*(answer(prompt) for prompt in prompts))
    await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
    if leaving.done() and call is not None:
        call.cancel()
    items = await answers
    leaving.cancel()
    return items
