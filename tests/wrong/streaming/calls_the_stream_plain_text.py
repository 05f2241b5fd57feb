"""Sends events and does not say that they are events."""

CAUGHT_BY = ("test_the_answer_is_declared_an_event_stream",)


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    events = answer_events(ask_llm(request.state.client, body))
    try:
        first = await first_event(request, events)
    except LLM_ERRORS as error:
        raise explain(error) from error
    if first is None:
        return Response(status_code=499)
    events = with_heartbeats(to_the_end(first, events))
    return StreamingResponse(events, media_type="text/plain", headers=SSE_HEADERS)
