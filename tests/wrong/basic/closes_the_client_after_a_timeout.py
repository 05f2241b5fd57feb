"""Throws the shared client away with the call that failed, and asks it again."""

CAUGHT_BY = ("test_a_silent_llm_is_504_after_the_timeout",)


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValidationError) as error:
        if isinstance(error, httpx.TimeoutException):
            await request.state.client.aclose()
        raise explain(error) from error
