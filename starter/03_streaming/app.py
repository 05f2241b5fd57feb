"""The answer of an LLM as server-sent events: each piece is passed on as it comes."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import anyio
import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.background import BackgroundTask

from llm import LLM_ERRORS, Chunk, data_lines, explain, lifespan
from query import REFUSALS, QueryRequest

HEARTBEAT_SECONDS = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
# TODO(framing): tell caches and proxies on the way, too, that nothing of a stream is to be kept.
SSE_HEADERS = {"Content-Type": "text/event-stream"}


def sse(fields: Mapping[str, object], event: str | None = None) -> bytes:
    """Frame one server-sent event with `fields` as a JSON object and the name `event`.

    TODO(framing): try it with a text that holds a quotation mark, a newline, or the words
    `event: done` on a line of their own. The client must get back exactly what went in.
    """
    data = ", ".join(f'"{name}": "{value}"' for name, value in fields.items())
    return f"event: {event or 'message'}\ndata: {{{data}}}\n\n".encode()


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS.

    TODO(first-token): hand on each chunk when it comes. This call returns when the last one has.
    TODO(responsive): while it waits, nobody else is served. Use the shared `client`.
    TODO(hang-up): leaving this generator early must close the LLM's answer.
    TODO(idle): bound the silence between two chunks, not the length of the answer.
    """
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
    }
    answer = httpx.post(
        f"{client.base_url}chat/completions", headers=client.headers, json=payload, timeout=None
    )
    answer.raise_for_status()
    async for data in data_lines(answer):
        yield Chunk.model_validate_json(data)


async def answer_events(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[bytes]:
    """An event for each text, then `done`; an answer without an end is an error.

    TODO(done): close with a `done` event (`model`, `tokens_used`, `finish_reason`), but only if
    the LLM said that it had finished. Raise one of LLM_ERRORS if it did not. The LLM counts its
    tokens in a stream only when it is asked to: see `stream_options` in the lesson.
    """
    async for chunk in chunks:
        if chunk.text:
            yield sse({"text": chunk.text})


async def to_the_end(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """All events. The status is sent by now, so a failure has to be an event, the last one.

    TODO(late-failure): when `events` raises one of LLM_ERRORS, say so in an `error` event.
    """
    if first:
        yield first
    async for event in events:
        yield event


async def with_heartbeats(events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The events, and a comment whenever none has come for HEARTBEAT_SECONDS.

    TODO(heartbeat): wait for the next event without cancelling the wait when time is up.
    """
    async for event in events:
        yield event


async def close(events: AsyncGenerator[bytes]) -> None:
    """A client that leaves during a send leaves `events` at a `yield`: end it there, and now."""
    await events.aclose()


async def first_event(request: Request, events: AsyncGenerator[bytes]) -> bytes | None:
    """Wait for the first event, but not for a client that has left: None, and no call goes on.

    TODO(early-failure): take the first event out of `events` here, so that its failure is raised
    here, before any status is sent. `b""` means that nothing was taken. (None, for a client that
    leaves before the first event, is for the page's "In production"; no check asks for it.)
    """
    return b""


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/stream")
async def stream(request: Request, body: QueryRequest) -> Response:
    """Wait for the first event while a status can still be chosen, then stream."""
    events = answer_events(ask_llm(request.state.client, body))
    try:
        first = await first_event(request, events)
    except LLM_ERRORS as error:
        raise explain(error) from error
    if first is None:
        return Response(status_code=499)  # nobody is left to read it
    events = with_heartbeats(to_the_end(first, events))
    return StreamingResponse(events, headers=SSE_HEADERS, background=BackgroundTask(close, events))
