"""Notices that the client left and returns; the calls were never told."""

CAUGHT_BY = (
    "test_the_calls_of_a_client_that_left_are_cancelled",
    "test_no_call_starts_for_a_client_that_left",
    "test_the_batch_of_another_client_goes_on",
)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(answer_all(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
