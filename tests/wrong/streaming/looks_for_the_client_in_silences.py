"""Asks whether the client is there when there is nothing to say, and only then."""

CAUGHT_BY = ("test_a_client_may_leave_while_tokens_come",)


class Unwatched(StreamingResponse):
    """Leaves it to the events to look for the client."""

    async def __call__(self, scope, receive, send):
        await self.stream_response(send)


async def while_here(request, events):
    waiting = asyncio.ensure_future(anext(events, None))
    while True:
        await asyncio.wait({waiting}, timeout=0.3)
        if not waiting.done():
            if await request.is_disconnected():
                waiting.cancel()
                return
        elif (event := waiting.result()) is not None:
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
        else:
            return


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
    return Unwatched(while_here(request, events), headers=SSE_HEADERS)
