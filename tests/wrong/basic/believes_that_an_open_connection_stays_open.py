"""Expects a refused connection, and no connection that is closed before the answer."""

CAUGHT_BY = ("test_a_connection_closed_without_an_answer_is_502",)


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    try:
        return await ask_llm(request, body)
    except (
        httpx.ConnectError,
        httpx.TimeoutException,
        httpx.HTTPStatusError,
        ValidationError,
    ) as error:
        raise explain(error) from error
