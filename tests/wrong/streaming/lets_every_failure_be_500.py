"""Nobody catches the error, and so it is an Internal Server Error."""

CAUGHT_BY = (
    "test_an_llm_that_refuses_or_fails_is_502",
    "test_a_busy_llm_is_503_with_its_retry_after",
    "test_an_answer_that_cannot_be_read_is_502",
    "test_an_llm_that_is_not_there_is_502",
    "test_an_llm_that_says_nothing_at_all_is_504",
    "test_a_refusal_is_in_your_own_words",
)


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    events = answer_events(ask_llm(request.state.client, body))
    first = await first_event(request, events)
    if first is None:
        return Response(status_code=499)
    events = with_heartbeats(to_the_end(first, events))
    return StreamingResponse(events, headers=SSE_HEADERS)
