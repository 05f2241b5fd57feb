"""Takes a temperature, checks it, and leaves it lying there."""

CAUGHT_BY = ("test_a_legacy_query_is_answered_as_a_query_response",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        answer = await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=0.7
        )
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
