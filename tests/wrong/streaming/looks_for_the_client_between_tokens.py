"""Asks whether the client is there when there is something to say."""

CAUGHT_BY = (
    "test_the_llm_call_is_dropped_when_the_client_leaves",
    "test_a_client_that_leaves_takes_only_its_own_call_along",
    "test_a_client_may_leave_while_tokens_come",
)


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    events = answer_events(ask_llm(request.state.client, body))
    try:
        first = await first_event(request, events)
    except LLM_ERRORS as error:
        raise explain(error) from error
    if first is None:
        return Response(status_code=499)
    events = unless_left(request, with_heartbeats(to_the_end(first, events)))
    return StreamingResponse(events, headers=SSE_HEADERS)


async def unless_left(request, events):
    waiting = asyncio.ensure_future(anext(events, None))
    while (event := await asyncio.shield(waiting)) is not None:
        if await request.is_disconnected():
            return
        yield event
        waiting = asyncio.ensure_future(anext(events, None))
