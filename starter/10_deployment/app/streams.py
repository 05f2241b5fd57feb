"""The LLM's pieces as server-sent events, up to the end: theirs, or ours."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from typing import TypeVar

import anyio
import httpx
from fastapi.sse import format_sse_event

from app.drain import DRAIN
from app.llm import LLM_ERRORS, Chunk, explain

T = TypeVar("T")
SSE_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


def sse(fields: Mapping[str, object], event: str | None = None) -> bytes:
    """Frame one server-sent event: in JSON the text stays on one line, whatever it holds."""
    return format_sse_event(data_str=json.dumps(fields), event=event)


async def unless(wanted: Awaitable[T], *interruptions: Awaitable[object]) -> T | None:
    """What `wanted` comes to; None when an interruption is first, and then it is cancelled."""
    first = asyncio.ensure_future(wanted)
    others = [asyncio.ensure_future(each) for each in interruptions]
    try:
        await asyncio.wait({first, *others}, return_when=asyncio.FIRST_COMPLETED)
        return first.result() if first.done() else None
    finally:
        for task in (first, *others):
            task.cancel()
        with anyio.CancelScope(shield=True):  # or a hang-up would cancel this await, too
            await asyncio.wait({first})


async def answer_events(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[bytes]:
    """An event for each text, then `done`; an answer without an end is an error."""
    model, tokens, finish_reason = None, None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            model, tokens = chunk.model, chunk.tokens or tokens
            finish_reason = chunk.finish_reason or finish_reason
    if finish_reason is None:
        raise httpx.RemoteProtocolError("The answer has no finish_reason.")
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """All events; an `error` in place of those for which there is no time left."""
    # TODO(drain): a stream that is still open when DRAIN.over is set ends with an `error` event:
    # the next event comes first, or `DRAIN.over` does. `unless` knows which. (`anext` raises when
    # there is no next event, unless it is told what to return then.)
    async with aclosing(events):
        yield first
        try:
            async for event in events:
                yield event
        except LLM_ERRORS as error:
            yield sse({"detail": explain(error).detail}, event="error")


async def close(events: AsyncGenerator[bytes]) -> None:
    """A client that leaves during a send leaves `events` at a `yield`: end it there, and now."""
    await events.aclose()
