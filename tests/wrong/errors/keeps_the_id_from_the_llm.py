"""Does not tell the LLM's owner the id."""

CAUGHT_BY = (
    "test_the_llm_hears_the_id",
    "test_requests_under_way_at_once_keep_their_ids",
)


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    with state.places.take(), state.breaker.guard():
        headers: dict[str, str] = {}
        return await unless_gone(request, ask_llm(state.client, body, headers))
