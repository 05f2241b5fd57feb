"""Returns a dict without a model, and the docs know nothing of the answer."""

CAUGHT_BY = ("test_both_models_are_in_the_docs",)


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> dict[str, Any]:
    """Answer one question with one call to the LLM."""
    try:
        return (await ask_llm(request, body)).model_dump()
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
