"""Says Multi-Status, which clients that look for 200 take for a failure."""

from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

CAUGHT_BY = (
    "test_the_others_keep_their_answers_when_one_call_fails",
    "test_every_way_to_fail_is_the_outcome_of_one_item",
    "test_an_llm_that_says_nothing_fails_one_item",
    "test_a_batch_that_failed_as_a_whole_is_still_200",
    "test_an_error_says_nothing_of_key_url_or_upstream",
)


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> JSONResponse:
    """Answer a batch; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(answer_all(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        items = answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()
    failed = any(item.error for item in items)
    return JSONResponse(jsonable_encoder(items), 207 if failed else 200)
