"""A stream that ends has ended."""

FILE = "app/streams.py"
CAUGHT_BY = ("test_after_the_grace_a_stream_ends_with_an_error",)


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(events):
        yield first
        try:
            while event := await unless(anext(events, b""), DRAIN.over.wait()):
                yield event
        except LLM_ERRORS as error:
            yield sse({"detail": explain(error).detail}, event="error")
