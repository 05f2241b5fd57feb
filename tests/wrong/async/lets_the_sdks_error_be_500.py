"""Does not expect the SDK to fail: a bare 500 says that this server has a bug."""

CAUGHT_BY = ("test_a_failing_sdk_is_a_sentence_and_no_secret",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    answer = await run_in_threadpool(
        legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
    )
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
