"""Takes a place before it asks the breaker, and keeps it when that says no."""

from fastapi import HTTPException

from protection import MAX_IN_FLIGHT

CAUGHT_BY = ("test_a_question_that_is_spared_frees_its_place",)


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    if state.places.taken >= MAX_IN_FLIGHT:
        raise HTTPException(503, "Too many questions at once.", {"Retry-After": "1"})
    state.places.taken += 1
    with state.breaker.guard():
        try:
            headers = {"X-Request-ID": state.request_id}
            return await unless_gone(request, ask_llm(state.client, body, headers))
        finally:
            state.places.taken -= 1
