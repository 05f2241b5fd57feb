"""Never looks whether the client is still there: the batch is asked and paid to its end."""

CAUGHT_BY = (
    "test_the_calls_of_a_client_that_left_are_cancelled",
    "test_no_call_starts_for_a_client_that_left",
    "test_the_batch_of_another_client_goes_on",
)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    return await answer_all(request.state.client, prompts)
