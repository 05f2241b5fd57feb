"""The answer of an LLM as server-sent events: each piece is passed on as it comes."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any

import anyio
import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import AliasPath, BaseModel, Field, ValidationError
from starlette.background import BackgroundTask

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
HEARTBEAT_SECONDS = float(os.environ.get("HEARTBEAT_SECONDS", "15"))

LLM_ERRORS = (httpx.HTTPError, ValidationError)
SSE_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


class Chunk(BaseModel):
    """What we need from one chunk of the LLM's stream; an error frame has no `choices`."""

    model: str
    choices: list[Any]
    text: str | None = Field(None, validation_alias=AliasPath("choices", 0, "delta", "content"))
    finish_reason: str | None = Field(
        None, validation_alias=AliasPath("choices", 0, "finish_reason")
    )
    tokens: int | None = Field(None, validation_alias=AliasPath("usage", "total_tokens"))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    ) as client:
        yield {"client": client}


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")


def sse(fields: dict[str, Any], event: str | None = None) -> bytes:
    """Frame one server-sent event: in JSON the text stays on one line, whatever it holds."""
    return format_sse_event(data_str=json.dumps(fields), event=event)


async def data_lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The data of the LLM's own events; `aiter_lines()` would cut lines at U+2028 as well."""
    rest = b""
    async for received in answer.aiter_bytes():
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line.removeprefix(b"data:").strip()


async def ask_llm(client: httpx.AsyncClient, body: QueryRequest) -> AsyncGenerator[Chunk, None]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with client.stream("POST", "/chat/completions", json=payload) as answer:
        answer.raise_for_status()
        async for data in data_lines(answer):
            if data == b"[DONE]":
                return
            yield Chunk.model_validate_json(data)


async def answer_events(chunks: AsyncGenerator[Chunk, None]) -> AsyncGenerator[bytes, None]:
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


async def to_the_end(
    first: bytes, events: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """All events. The status is sent by now, so a failure has to be an event, the last one."""
    async with aclosing(events):
        yield first
        try:
            async for event in events:
                yield event
        except LLM_ERRORS as error:
            yield sse({"detail": explain(error).detail}, event="error")


async def with_heartbeats(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The events, and a comment whenever none has come for HEARTBEAT_SECONDS."""
    waiting = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
            if not waiting.done():
                yield format_sse_event(comment="still here")
                continue
            event = waiting.result()
            if event is None:
                return
            yield event
            waiting = asyncio.ensure_future(anext(events, None))
    finally:
        waiting.cancel()
        with anyio.CancelScope(shield=True):  # or a hang-up would cancel these awaits, too
            await asyncio.wait({waiting})
            await events.aclose()


async def close(events: AsyncGenerator[bytes, None]) -> None:
    """A client that leaves during a send leaves `events` at a `yield`: end it there, and now."""
    await events.aclose()


async def first_event(request: Request, events: AsyncGenerator[bytes, None]) -> bytes | None:
    """Wait for the first event, but not for a client that has left: None, and no call goes on."""
    first = asyncio.ensure_future(anext(events))
    left = asyncio.ensure_future(request.receive())  # the body is read: only a hang-up can come
    try:
        await asyncio.wait({first, left}, return_when=asyncio.FIRST_COMPLETED)
        return first.result() if first.done() else None
    finally:
        first.cancel()
        left.cancel()


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)


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
    return StreamingResponse(
        events, 200, SSE_HEADERS, "text/event-stream", BackgroundTask(close, events)
    )
