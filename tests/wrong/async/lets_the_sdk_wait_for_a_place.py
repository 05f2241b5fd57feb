"""Takes a place of the batches for a query that has a thread of its own."""

CAUGHT_BY = ("test_a_legacy_query_takes_no_place",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        async with places:
            answer = await run_in_threadpool(
                legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
            )
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
