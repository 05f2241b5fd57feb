"""Answers the second time from memory, for ever."""

CAUGHT_BY = ("test_the_answer_is_what_the_llm_said",)

answers: dict[str, QueryResponse] = {}


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    known = body.model_dump_json()
    try:
        if known not in answers:
            answers[known] = await ask_llm(request, body)
        return answers[known]
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
