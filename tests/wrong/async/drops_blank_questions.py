"""Leaves the blank ones out and answers the rest, one item short."""

CAUGHT_BY = ("test_a_blank_item_refuses_the_whole_batch",)

Batch = Annotated[
    list[Annotated[str, Field(max_length=8000)]], Field(min_length=1, max_length=MAX_BATCH)
]


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer all prompts, in their order; drop the work when nobody is left to read it."""
    client = request.state.client
    said = [prompt for prompt in prompts if prompt.strip()]
    answers = asyncio.gather(*(answer_item(client, prompt) for prompt in said))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
