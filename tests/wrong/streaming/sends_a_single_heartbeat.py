"""One comment does not last for a long silence."""

CAUGHT_BY = ("test_comments_come_as_long_as_the_llm_is_silent",)


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield format_sse_event(comment="still here")
                await asyncio.wait({waiting})
            event = waiting.result()
            if event is None:
                return
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
    finally:
        waiting.cancel()
