"""Puts the items in the order of the alphabet."""

CAUGHT_BY = ("test_the_order_holds_when_the_last_question_is_answered_first",)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    answers = asyncio.gather(*(answer_item(client, prompt) for prompt in sorted(prompts)))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
