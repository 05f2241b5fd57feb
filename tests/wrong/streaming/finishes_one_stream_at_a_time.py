"""Begins every stream at once, and goes on with one of them only when the one before is over."""

CAUGHT_BY = ("test_a_second_stream_runs_to_its_end_while_one_is_held",)


LOCK = asyncio.Lock()


async def to_the_end(first, events):
    async with aclosing(events):
        yield first
        try:
            async with LOCK:
                async for event in events:
                    yield event
        except LLM_ERRORS as error:
            yield sse({"detail": explain(error).detail}, event="error")
