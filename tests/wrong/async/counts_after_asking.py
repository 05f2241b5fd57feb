"""Looks at the length when the calls are paid for."""

CAUGHT_BY = (
    "test_thirty_two_questions_are_answered_and_thirty_three_refused",
    "test_max_batch_is_the_longest_batch",
)


@app.post("/batch-query")
async def batch_query(
    request: Request, prompts: Annotated[list[Prompt], Field(min_length=1)]
) -> list[BatchItem]:
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
    if len(items) > MAX_BATCH:
        raise HTTPException(422, "The batch is too long.")
    return items
