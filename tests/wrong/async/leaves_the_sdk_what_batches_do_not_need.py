"""Shares six calls among batches and SDK: five are for batches, so the second query has to wait."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

CAUGHT_BY = ("test_two_legacy_queries_overlap",)

left_over = ThreadPoolExecutor(max(1, 6 - MAX_CONCURRENCY))


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    call = partial(legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature)
    try:
        answer = await asyncio.get_running_loop().run_in_executor(left_over, call)
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
