"""A program that reads this knows what a code means."""

CAUGHT_BY = ("test_silence_between_tokens_becomes_an_error_event",)


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """All events. The status is sent by now, so a failure has to be an event, the last one."""
    async with aclosing(events):
        yield first
        try:
            async for event in events:
                yield event
        except LLM_ERRORS as error:
            if isinstance(error, httpx.TimeoutException):
                yield sse({"code": "timeout"}, event="error")
            else:
                yield sse({"detail": explain(error).detail}, event="error")
