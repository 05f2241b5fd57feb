"""An event is for the program at the other end, a comment is for the line."""

CAUGHT_BY = (
    "test_comments_come_as_long_as_the_llm_is_silent",
    "test_the_answer_goes_on_after_a_heartbeat",
    "test_a_heartbeat_does_not_hide_an_llm_that_is_gone",
)


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield sse({}, event="ping")
                continue
            event = waiting.result()
            if event is None:
                return
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
    finally:
        waiting.cancel()
