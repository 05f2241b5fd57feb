"""Thinks that a question answered with 500 has broken the LLM, and never asks it again."""

CAUGHT_BY = ("test_the_question_after_a_failure_is_answered",)

harmful: set[str] = set()


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    if body.query in harmful:
        raise HTTPException(502, "The language model cannot answer this question.")
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValidationError) as error:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 500:
            harmful.add(body.query)
        raise explain(error) from error
