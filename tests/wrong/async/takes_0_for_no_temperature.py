"""Writes `temperature or 0.7`, and who asks for 0 gets 0.7."""

CAUGHT_BY = ("test_a_temperature_of_0_goes_to_the_llm",)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    temperature = body.temperature or 0.7
    try:
        answer = await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=temperature
        )
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
