"""Hashes the bytes of the request, in which fields have an order."""

CAUGHT_BY = (
    "test_the_order_of_json_fields_does_not_matter",
    "test_entries_in_redis_are_as_good_and_as_much_apart",
)


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
    answer, response.headers["X-Cache"] = await ask(
        request.state.client, body, tenant + (await request.body()).hex()
    )
    return answer
