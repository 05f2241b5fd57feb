"""FastAPI's own server-sent events: a dependency fails early, the generator never raises."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio
import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field, StringConstraints, ValidationError


class Settings:
    url = os.environ["LLM_BASE_URL"]
    key = os.environ["LLM_API_KEY"]
    model = os.environ.get("LLM_MODEL", "gpt-4")
    timeout = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
    heartbeat = float(os.environ.get("HEARTBEAT_SECONDS", "15"))


class QueryRequest(BaseModel):
    query: Annotated[str, StringConstraints(min_length=1, max_length=8000, pattern=r"\S")]
    model: str = Settings.model
    temperature: float = Field(default=0.7, ge=0, le=2, allow_inf_nan=False)


class Delta(BaseModel):
    content: str | None = None


class Choice(BaseModel):
    delta: Delta
    finish_reason: str | None = None


class Usage(BaseModel):
    total_tokens: int


class Chunk(BaseModel):
    model: str
    choices: list[Choice]
    usage: Usage | None = None


class Text(BaseModel):
    text: str


class Done(BaseModel):
    model: str
    tokens_used: int | None
    finish_reason: str


class Call:
    """A call to the LLM whose chunks are waited for with an eye on the clock."""

    def __init__(self, response: httpx.Response) -> None:
        self.parts = response.aiter_raw()
        self.rest = b""
        self.lines: list[bytes] = []

    async def chunk(self) -> Chunk | None:
        while True:
            while self.lines:
                line = self.lines.pop(0)
                if line.rstrip() == b"data: [DONE]":
                    return None
                if line.startswith(b"data:"):
                    return Chunk.model_validate_json(line[5:])
            try:
                *self.lines, self.rest = (self.rest + await anext(self.parts)).split(b"\n")
            except StopAsyncIteration:
                raise HTTPException(502, "The LLM's answer has no end.") from None

    async def text(self) -> Chunk | None:
        """The next chunk that says something."""
        while chunk := await self.chunk():
            if chunk.usage or any(c.delta.content or c.finish_reason for c in chunk.choices):
                return chunk
        return None


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    try:
        yield
    except httpx.TimeoutException:
        raise HTTPException(504, "The LLM was silent for too long.") from None
    except (httpx.HTTPError, ValidationError):
        raise HTTPException(502, "The LLM could not be understood.") from None


async def call_llm(request: Request, asked: QueryRequest) -> AsyncIterator[tuple[Call, Chunk]]:
    """Open the stream and wait for its first text; both end with the request."""
    payload = {
        **asked.model_dump(include={"model", "temperature"}),
        "messages": [{"role": "user", "content": asked.query}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    client: httpx.AsyncClient = request.app.state.client
    async with translated():
        sending = client.build_request("POST", "chat/completions", json=payload)
        response = await client.send(sending, stream=True)
    try:
        if response.status_code == 429:
            wait = {"Retry-After": response.headers.get("Retry-After", "1")}
            raise HTTPException(503, "The LLM is busy.", wait)
        if response.status_code != 200:
            raise HTTPException(502, "The LLM failed.")
        call = Call(response)
        async with translated():
            first = await call.text()
        if first is None:
            raise HTTPException(502, "The LLM said nothing.")
        yield call, first
    finally:
        with anyio.CancelScope(shield=True):
            await response.aclose()


async def next_text(call: Call) -> Chunk | HTTPException | None:
    try:
        async with translated():
            return await call.text()
    except HTTPException as failure:
        return failure


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(
        base_url=Settings.url,
        headers={"Authorization": f"Bearer {Settings.key}"},
        timeout=Settings.timeout,
    ) as app.state.client:
        yield


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"detail": [problem["msg"] for problem in error.errors()]}, 422)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/stream", response_class=EventSourceResponse)
async def stream(
    asked: QueryRequest, upstream: Annotated[tuple[Call, Chunk], Depends(call_llm)]
) -> AsyncIterator[ServerSentEvent]:
    call, chunk = upstream
    reason, tokens, model = None, None, asked.model
    while True:
        model, tokens = chunk.model, chunk.usage.total_tokens if chunk.usage else tokens
        for choice in chunk.choices:
            reason = choice.finish_reason or reason
            if choice.delta.content:
                yield ServerSentEvent(data=Text(text=choice.delta.content))
        pending = asyncio.ensure_future(next_text(call))
        try:
            while not (await asyncio.wait({pending}, timeout=Settings.heartbeat))[0]:
                yield ServerSentEvent(comment="wait")
        finally:
            pending.cancel()
        following = pending.result()
        if isinstance(following, HTTPException):
            yield ServerSentEvent(event="error", data={"detail": following.detail})
            return
        if following is None:
            break
        chunk = following
    if reason is None:
        yield ServerSentEvent(event="error", data={"detail": "The LLM did not finish."})
    else:
        done = Done(model=model, tokens_used=tokens, finish_reason=reason)
        yield ServerSentEvent(event="done", data=done)
