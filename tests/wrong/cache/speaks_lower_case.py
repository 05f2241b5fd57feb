"""Says hit and miss, in lower case."""

CAUGHT_BY = ("test_the_answer_says_where_it_comes_from",)


@app.post("/query")
async def query(
    request: Request,
    response: Response,
    body: QueryRequest,
    tenant: Annotated[str, Header(alias="X-Tenant-ID")] = "public",
    cache_control: Annotated[str, Header()] = "",
) -> QueryResponse:
    """Answer one question; `X-Cache` says where the answer comes from."""
    ask = ask_afresh if "no-cache" in cache_control.lower() else ask_once
    answer, source = await ask(request.state.client, body, key_of(tenant, body))
    response.headers["X-Cache"] = source if source == "BYPASS" else source.lower()
    return answer
