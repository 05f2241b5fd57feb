"""Keeps the items in a dict by question, so the second of two equal ones is gone."""

CAUGHT_BY = ("test_a_question_that_is_asked_twice_is_answered_twice",)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    answers = asyncio.gather(*(answer_item(client, prompt) for prompt in dict.fromkeys(prompts)))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
