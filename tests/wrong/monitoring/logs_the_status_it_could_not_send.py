"""Logs a stream that broke with the status it would have had, and the client has got 200."""

from record import RECORD

CAUGHT_BY = ("test_a_stream_that_breaks_has_one_line",)
FILE = "events.py"


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """All events. The status is sent by now, so a failure has to be an event, the last one."""
    async with aclosing(events):
        yield first
        try:
            async for event in events:
                yield event
        except LLM_ERRORS as error:
            problem = explain(error)
            if record := RECORD.get():
                record.status = problem.status_code
            yield sse({"detail": problem.detail}, event="error")
