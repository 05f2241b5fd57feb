"""Uses a pool of threads and asks for the result at once, which blocks like the call itself."""

from concurrent.futures import ThreadPoolExecutor

CAUGHT_BY = (
    "test_two_legacy_queries_overlap",
    "test_health_answers_while_legacy_queries_wait",
)

threads = ThreadPoolExecutor(5)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    call = threads.submit(
        legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
    )
    try:
        answer = call.result()
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
