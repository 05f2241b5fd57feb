"""Sends heartbeats up to the second token, and thinks that an LLM is never silent after that."""

CAUGHT_BY = ("test_the_answer_goes_on_after_a_heartbeat",)


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    passed = 0
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS if passed < 2 else None)
            if not waiting.done():
                yield format_sse_event(comment="still here")
            elif (event := waiting.result()) is not None:
                passed += 1
                yield event
                waiting = asyncio.ensure_future(anext(events, None))
            else:
                return
    finally:
        waiting.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({waiting})
            await events.aclose()
