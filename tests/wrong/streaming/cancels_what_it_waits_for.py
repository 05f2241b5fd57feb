"""`wait_for` cancels the wait for the next event, and with it the stream."""

CAUGHT_BY = (
    "test_comments_come_as_long_as_the_llm_is_silent",
    "test_the_answer_goes_on_after_a_heartbeat",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
    "test_many_short_silences_are_no_long_one",
)


async def with_heartbeats(events):
    while True:
        try:
            yield await asyncio.wait_for(anext(events), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield format_sse_event(comment="still here")
        except StopAsyncIteration:
            return
