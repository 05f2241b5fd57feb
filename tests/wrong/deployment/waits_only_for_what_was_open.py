"""Whoever comes after SIGTERM has been warned."""

from app.settings import SETTINGS

FILE = "app/streams.py"
CAUGHT_BY = ("test_a_stream_begun_in_the_drain_is_waited_for",)


async def late() -> None:
    await asyncio.sleep(SETTINGS.drain_seconds)


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    end = asyncio.create_task(late() if DRAIN.begun else DRAIN.over.wait())
    async with aclosing(events):
        yield first
        while event := await unless(anext(events, b""), asyncio.shield(end)):
            yield event
        if event is None:
            yield sse({"detail": "The service had to stop."}, event="error")
