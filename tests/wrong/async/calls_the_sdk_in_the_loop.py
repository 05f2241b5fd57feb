"""Calls blocking code from an `async def`: until the LLM answers, nothing else runs."""

CAUGHT_BY = (
    "test_two_legacy_queries_overlap",
    "test_a_legacy_query_takes_no_place",
    "test_health_answers_while_legacy_queries_wait",
)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        answer = legacy_sdk.complete(body.query, model=body.model, temperature=body.temperature)
    except legacy_sdk.LegacyError as error:
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
