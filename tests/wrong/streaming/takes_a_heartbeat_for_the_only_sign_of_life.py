"""Lets only its heartbeats set the clock back, and tokens that come steadily need none."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = ("test_a_steady_stream_may_last_longer_than_the_timeout",)


async def with_heartbeats(events):
    clock = asyncio.get_running_loop().time
    end = clock() + LLM_TIMEOUT_SECONDS
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield format_sse_event(comment="still here")
                end = clock() + LLM_TIMEOUT_SECONDS
            elif (event := waiting.result()) is None:
                return
            elif clock() > end:
                yield sse({"detail": "The language model took too long."}, event="error")
                return
            else:
                yield event
                waiting = asyncio.ensure_future(anext(events, None))
    finally:
        waiting.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({waiting})
            await events.aclose()
