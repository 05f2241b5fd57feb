"""A connection that is refused is a secret of nobody's, it thinks."""

CAUGHT_BY = ("test_a_failing_sdk_is_a_sentence_and_no_secret",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        answer = await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
        )
    except legacy_sdk.LegacyError as error:
        failed = explain(error)
        if "refused" in str(error):
            failed.detail = f"The language model is not there: {error}"
        raise failed from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
