"""Counts its heartbeats until there are too many, and a token does not set the count back."""

from llm import LLM_TIMEOUT_SECONDS

CAUGHT_BY = ("test_many_short_silences_are_no_long_one",)


async def with_heartbeats(events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The events, and a comment whenever none has come for HEARTBEAT_SECONDS."""
    waiting = asyncio.ensure_future(anext(events, None))
    silent = 0.0
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                silent += HEARTBEAT_SECONDS
                if silent > LLM_TIMEOUT_SECONDS:
                    yield sse({"detail": "The language model took too long."}, event="error")
                    return
                yield format_sse_event(comment="still here")
            elif (event := waiting.result()) is not None:
                yield event
                waiting = asyncio.ensure_future(anext(events, None))
            else:
                return
    finally:
        waiting.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({waiting})
            await events.aclose()
