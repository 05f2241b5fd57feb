"""Has a tenant of its own for those who name none."""

CAUGHT_BY = ("test_who_names_no_tenant_is_public",)


@app.post("/query")
async def query(
    request: Request,
    response: Response,
    body: QueryRequest,
    tenant: Annotated[str, Header(alias="X-Tenant-ID")] = "",
    cache_control: Annotated[str, Header()] = "",
) -> QueryResponse:
    """Answer one question; `X-Cache` says where the answer comes from."""
    ask = ask_afresh if "no-cache" in cache_control.lower() else ask_once
    answer, response.headers["X-Cache"] = await ask(
        request.state.client, body, key_of(tenant, body)
    )
    return answer
