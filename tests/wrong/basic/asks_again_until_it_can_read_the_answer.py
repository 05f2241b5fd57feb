"""Takes an unreadable answer for bad luck and pays for another one."""

CAUGHT_BY = ("test_a_failing_call_is_not_made_again",)


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    try:
        return await ask_llm(request, body)
    except ValidationError:
        return await ask_once_more(request, body)
    except httpx.HTTPError as error:
        raise explain(error) from error


async def ask_once_more(request: Request, body: QueryRequest) -> QueryResponse:
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
