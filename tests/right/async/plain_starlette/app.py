"""Right without FastAPI or a client library: Starlette, asyncio streams, a task group."""

import asyncio
import json
import math
import os
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import legacy_sdk

LLM = urlsplit(os.environ["LLM_BASE_URL"])
LLM_API_KEY = os.environ["LLM_API_KEY"]
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
MAX_BATCH = int(os.environ.get("MAX_BATCH", "32"))
LOOK_AFTER_SECONDS = 0.02

places = asyncio.BoundedSemaphore(int(os.environ.get("MAX_CONCURRENCY", "5")))


class Failed(Exception):
    """A call that brought no answer; the text is for the caller."""


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True)
class Query:
    """A checked body of /legacy-query."""

    text: str
    model: str
    temperature: float


def is_prompt(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 8000 and bool(value.strip())


def read_query(body: Any) -> Query | None:
    if not isinstance(body, dict):
        return None
    text, model = body.get("query"), body.get("model", LLM_MODEL)
    temperature = body.get("temperature", 0.7)
    if not (is_prompt(text) and isinstance(model, str)):
        return None
    if not isinstance(temperature, (int, float)) or isinstance(temperature, bool):
        return None
    if not (math.isfinite(temperature) and 0 <= temperature <= 2):
        return None
    return Query(text, model, temperature)


async def exchange(body: bytes) -> tuple[int, bytes]:
    """Send one request over a connection of its own; the status and the body of the answer."""
    reader, writer = await asyncio.open_connection(LLM.hostname, LLM.port or 80)
    try:
        head = (
            f"POST {LLM.path}/chat/completions HTTP/1.1\r\nHost: {LLM.netloc}\r\n"
            f"Authorization: Bearer {LLM_API_KEY}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        length = fields.get("content-length")
        answer = await (reader.readexactly(int(length)) if length else reader.read())
        return int(lines[0].split()[1]), answer
    finally:
        writer.close()


async def ask(prompt: str) -> tuple[str, int]:
    """The text of the answer and its tokens, or Failed."""
    body = {
        "model": LLM_MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0.7,
    }
    try:
        async with asyncio.timeout(LLM_TIMEOUT_SECONDS):
            status, answer = await exchange(json.dumps(body).encode())
        if status == 429:
            raise Failed("The model has too much to do right now.")
        if status != 200:
            raise Failed("The model refused to answer.")
        completion = json.loads(answer)
        return completion["choices"][0]["message"]["content"], completion["usage"]["total_tokens"]
    except TimeoutError:
        raise Failed("The model took too long.") from None
    except (OSError, EOFError, ValueError, LookupError, TypeError):
        raise Failed("The model cannot be understood or reached.") from None


async def outcome(prompt: str) -> dict[str, Any]:
    item: dict[str, Any] = {"query": prompt, "response": None, "error": None, "tokens_used": None}
    async with places:
        try:
            item["response"], item["tokens_used"] = await ask(prompt)
        except Failed as failure:
            item["error"] = str(failure)
    return item


async def batch_query(request: Request) -> JSONResponse:
    prompts = await json_of(request)
    if not (isinstance(prompts, list) and 0 < len(prompts) <= MAX_BATCH):
        return refused(f"Send a list of 1 to {MAX_BATCH} texts.")
    if not all(is_prompt(prompt) for prompt in prompts):
        return refused("Each item is a text of 1 to 8,000 characters.")
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(outcome(prompt)) for prompt in prompts]
            while not all(task.done() for task in tasks):
                await asyncio.wait(tasks, timeout=LOOK_AFTER_SECONDS)
                if await request.is_disconnected():
                    raise ClientLeft
    except* ClientLeft:
        tasks = []
    return JSONResponse([task.result() for task in tasks])


async def legacy_query(request: Request) -> JSONResponse:
    query = read_query(await json_of(request))
    if query is None:
        return refused("Send a query of 1 to 8,000 characters, a model and a temperature.")
    loop = asyncio.get_running_loop()

    def call() -> dict[str, Any]:
        return legacy_sdk.complete(query.text, model=query.model, temperature=query.temperature)

    try:
        answer = await loop.run_in_executor(None, call)
    except legacy_sdk.LegacyError:
        return JSONResponse({"detail": "The model did not answer."}, 502)
    return JSONResponse(
        {"response": answer["text"], "model": answer["model"], "tokens_used": answer["tokens"]}
    )


async def json_of(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None


def refused(sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, 422)


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/batch-query", batch_query, methods=["POST"]),
        Route("/legacy-query", legacy_query, methods=["POST"]),
    ]
)
