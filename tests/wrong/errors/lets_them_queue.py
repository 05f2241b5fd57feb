"""Lets those who are too many wait inside."""

import asyncio

from protection import MAX_IN_FLIGHT

CAUGHT_BY = (
    "test_one_too_many_is_refused_at_once",
    "test_a_hundred_may_be_inside",
)


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    while state.places.taken >= MAX_IN_FLIGHT:
        await asyncio.sleep(0.01)
    with state.places.take(), state.breaker.guard():
        headers = {"X-Request-ID": state.request_id}
        return await unless_gone(request, ask_llm(state.client, body, headers))
