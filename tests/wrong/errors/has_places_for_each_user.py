"""Counts the questions of each user for themselves."""

CAUGHT_BY = ("test_one_too_many_is_refused_at_once",)


PLACES: dict[str, Places] = {}


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    with PLACES.setdefault(user, Places()).take(), state.breaker.guard():
        headers = {"X-Request-ID": state.request_id}
        return await unless_gone(request, ask_llm(state.client, body, headers))
