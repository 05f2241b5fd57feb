"""The other side: a client for the LLM, whole and streamed answers, and how they fail."""

import os
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

import httpx
from fastapi import HTTPException
from pydantic import AliasPath, BaseModel, Field, ValidationError

from metrics import measured
from trace_context import outgoing

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))

LLM_ERRORS = (httpx.HTTPError, ValidationError)


class Usage(BaseModel):
    """What a call has cost."""

    prompt_tokens: int
    completion_tokens: int


class Completion(BaseModel):
    """What we need from an answer in one piece."""

    model: str
    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    usage: Usage


class Chunk(BaseModel):
    """What we need from one chunk of a streamed answer; an error frame has no `choices`."""

    model: str
    choices: list[Any]
    text: str | None = Field(None, validation_alias=AliasPath("choices", 0, "delta", "content"))
    finish_reason: str | None = Field(
        None, validation_alias=AliasPath("choices", 0, "finish_reason")
    )
    usage: Usage | None = None


def make_client() -> httpx.AsyncClient:
    """The one client for all calls to the LLM; close it at the end."""
    return httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    )


def payload(prompt: str, model: str, temperature: float, *, stream: bool) -> dict[str, Any]:
    """The body of a call."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": temperature,
        "stream": stream,
    }
    return body | {"stream_options": {"include_usage": True}} if stream else body


async def complete(client: httpx.AsyncClient, body: dict[str, Any]) -> Completion:
    """One call with an answer in one piece; raises one of LLM_ERRORS."""
    with measured() as call:
        answer = await client.post("/chat/completions", json=body, headers=outgoing())
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
        call.answered_by(completion.model)
        call.used(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        return completion


async def stream(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[Chunk]:
    """The chunks of one streamed call, as they come; raises one of LLM_ERRORS."""
    finished = False
    with measured() as call:
        request = client.stream("POST", "/chat/completions", json=body, headers=outgoing())
        async with request as answer:
            answer.raise_for_status()
            async for data in data_lines(answer):
                chunk = Chunk.model_validate_json(data)
                call.answered_by(chunk.model)
                if chunk.text:
                    call.has_text()
                if chunk.usage:
                    call.used(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                finished = finished or chunk.finish_reason is not None
                yield chunk
            if not finished:
                raise httpx.RemoteProtocolError("The answer has no finish_reason.")


async def data_lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The data of the LLM's events up to [DONE]; `aiter_lines()` would cut at U+2028 as well."""
    rest = b""
    async for received in answer.aiter_bytes():
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            if line.startswith(b"data:"):
                yield data


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")
