"""Caches the failure with the question, so it stays broken when the LLM is well again."""

CAUGHT_BY = (
    "test_a_silent_llm_is_504_after_the_timeout",
    "test_the_question_after_a_failure_is_answered",
)

failed: dict[str, HTTPException] = {}


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    if body.query in failed:
        raise failed[body.query]
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValidationError) as error:
        failed[body.query] = explain(error)
        raise failed[body.query] from error
