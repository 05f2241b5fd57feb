"""Who is leaving takes no new questions."""

FILE = "app/api.py"
CAUGHT_BY = ("test_it_goes_on_serving_for_a_while",)


@app.post("/query")
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    if DRAIN.begun:
        raise HTTPException(503, "The service is about to stop.")
    try:
        return await ask(request.state.client, body)
    except LLM_ERRORS as error:
        raise explain(error) from error
