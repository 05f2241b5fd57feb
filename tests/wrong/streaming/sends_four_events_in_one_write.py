"""Sends the events four at a time, to save writes, and fewer only in a long silence."""

CAUGHT_BY = ("test_each_token_arrives_before_the_next_exists",)


async def with_heartbeats(events):
    waiting = asyncio.ensure_future(anext(events, None))
    held, enough = [], 1
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield b"".join([*held, format_sse_event(comment="still here")])
                held = []
            elif (event := waiting.result()) is not None:
                held.append(event)
                if len(held) >= enough:
                    yield b"".join(held)
                    held, enough = [], 4
                waiting = asyncio.ensure_future(anext(events, None))
            else:
                yield b"".join(held)
                return
    finally:
        waiting.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({waiting})
            await events.aclose()
