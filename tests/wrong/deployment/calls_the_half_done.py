"""Half an answer with a `done` behind it is an answer."""

FILE = "app/streams.py"
CAUGHT_BY = ("test_after_the_grace_a_stream_ends_with_an_error",)


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(events):
        yield first
        try:
            while event := await unless(anext(events, b""), DRAIN.over.wait()):
                yield event
            if event is None:
                done = {"model": None, "tokens_used": None, "finish_reason": "length"}
                yield sse(done, event="done")
        except LLM_ERRORS as error:
            yield sse({"detail": explain(error).detail}, event="error")
