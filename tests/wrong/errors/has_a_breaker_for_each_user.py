"""Lets every user find out for themselves that the LLM is down."""

CAUGHT_BY = ("test_after_five_failures_nobody_asks_the_llm",)


BREAKERS: dict[str, Breaker] = {}


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    breaker = BREAKERS.setdefault(user, Breaker())
    with state.places.take(), breaker.guard():
        headers = {"X-Request-ID": state.request_id}
        return await unless_gone(request, ask_llm(state.client, body, headers))
