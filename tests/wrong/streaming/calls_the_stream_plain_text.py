"""Sends events and does not say that they are events."""

CAUGHT_BY = ("test_the_answer_is_declared_an_event_stream",)


SSE_HEADERS = {
    "Content-Type": "text/plain",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}
