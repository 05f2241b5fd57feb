"""Fills in what was left out, and names an entry by the fields in the order they came in."""

CAUGHT_BY = ("test_the_order_of_json_fields_does_not_matter",)


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
    known = body.model_dump()
    fields = {name: known.pop(name) for name in await request.json() if name in known}
    answer, response.headers["X-Cache"] = await ask(
        request.state.client, body, json.dumps([tenant, {**fields, **known}])
    )
    return answer
