"""The answer of an LLM as server-sent events, as lesson streaming made it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.background import BackgroundTask

from llm import LLM_ERRORS, Chunk, explain

SSE_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


def sse(fields: Mapping[str, object], event: str | None = None) -> bytes:
    """Frame one server-sent event."""
    return format_sse_event(data_str=json.dumps(fields), event=event)


async def answer_events(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[bytes]:
    """An event for each text, then `done`."""
    model, tokens, finish_reason = "", None, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                yield sse({"text": chunk.text})
            if chunk.usage:
                tokens = chunk.usage.prompt_tokens + chunk.usage.completion_tokens
            model = chunk.model
            finish_reason = chunk.finish_reason or finish_reason
    done = {"model": model, "tokens_used": tokens, "finish_reason": finish_reason}
    yield sse(done, event="done")


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """All events. The status is sent by now, so a failure has to be an event, the last one."""
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


async def first_event(request: Request, events: AsyncGenerator[bytes]) -> bytes | None:
    """Wait for the first event, but not for a client that has left: None, and no call goes on."""
    first = asyncio.ensure_future(anext(events))
    left = asyncio.ensure_future(request.receive())  # the body is read: only a hang-up can come
    try:
        await asyncio.wait({first, left}, return_when=asyncio.FIRST_COMPLETED)
        return first.result() if first.done() else None
    finally:
        first.cancel()
        left.cancel()
        await asyncio.wait({first})  # a cancelled call is over, and counted, when this returns


async def stream_of(request: Request, chunks: AsyncGenerator[Chunk]) -> Response:
    """Wait for the first event while a status can still be chosen, then stream."""
    events = answer_events(chunks)
    try:
        first = await first_event(request, events)
    except LLM_ERRORS as error:
        raise explain(error) from error
    if first is None:
        return Response(status_code=499)  # nobody is left to read it
    events = to_the_end(first, events)
    return StreamingResponse(events, headers=SSE_HEADERS, background=BackgroundTask(close, events))
