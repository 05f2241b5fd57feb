"""Keeps the loop free with a pool of one thread: the second query waits for the first."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

CAUGHT_BY = (
    "test_two_legacy_queries_overlap",
    "test_a_legacy_query_takes_no_place",
)

one_thread = ThreadPoolExecutor(1)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    call = partial(legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature)
    try:
        answer = await asyncio.get_running_loop().run_in_executor(one_thread, call)
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
