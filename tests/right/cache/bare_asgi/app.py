"""Bare ASGI around the given `llm.py`; Redis is spoken to by hand, a connection a command."""

import asyncio
import heapq
import json
import os
import time
from itertools import count
from urllib.parse import urlsplit

import httpx
from fastapi import HTTPException
from pydantic import ValidationError

import llm

CACHE = urlsplit(os.environ.get("CACHE_URL", "memory://"))
TTL = float(os.environ.get("CACHE_TTL_SECONDS", "3600"))
MOST = int(os.environ.get("CACHE_MAX_ENTRIES", "1000"))
PATIENCE = 0.2

client = httpx.AsyncClient(
    base_url=llm.LLM_BASE_URL,
    headers={"Authorization": f"Bearer {llm.LLM_API_KEY}"},
    timeout=llm.LLM_TIMEOUT_SECONDS,
)
entries: dict = {}  # key -> [used, ends, value]
ticks = count()
waiting: dict = {}  # key -> futures of those who came later


class Lost(Exception):
    """Redis did not answer."""


async def command(*parts: bytes):
    """The answer of Redis to one command: bytes, or None for nothing."""
    request = b"*%d\r\n" % len(parts)
    request += b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
    writer = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(CACHE.hostname, CACHE.port or 6379)
            writer.write(b"SELECT %b\r\n" % (CACHE.path.strip("/") or "0").encode() + request)
            await reader.readuntil(b"\r\n")
            head = (await reader.readuntil(b"\r\n")).strip()
            if head[:1] == b"$" and head != b"$-1":
                return (await reader.readexactly(int(head[1:]) + 2))[:-2]
            if head[:1] == b"-":
                raise Lost
            return None
    except (OSError, EOFError, TimeoutError):
        raise Lost from None
    finally:
        if writer is not None:
            writer.close()


async def get(key: bytes):
    if CACHE.scheme != "memory":
        return await command(b"GET", key)
    entry = entries.get(key)
    if entry is None or entry[1] <= time.monotonic():
        return None
    entry[0] = next(ticks)
    return entry[2]


async def put(key: bytes, value: bytes):
    if CACHE.scheme != "memory":
        await command(b"SET", key, value, b"PX", b"%d" % (TTL * 1000))
        return
    entries[key] = [next(ticks), time.monotonic() + TTL, value]
    surplus = len(entries) - MOST
    for old in heapq.nsmallest(surplus, entries, key=entries.get) if surplus > 0 else ():
        del entries[old]


async def ask(key, body):
    """From the LLM, and then into the cache: the value, and whether the cache took it."""
    completion = await llm.ask_llm(client, body)
    value = json.dumps(completion.response().model_dump(), ensure_ascii=False).encode()
    if completion.finish_reason != "stop":
        return value, True
    try:
        await put(key, value)
    except Lost:
        return value, False
    return value, True


async def find(key, body):
    try:
        value = await get(key)
    except Lost:
        return json.dumps(
            (await llm.ask_llm(client, body)).response().model_dump()
        ).encode(), "BYPASS"
    if value is not None:
        return value, "HIT"
    value, kept = await ask(key, body)
    return value, "MISS" if kept else "BYPASS"


async def find_together(key, body):
    """The first does the work; the others leave a future each, and get what it gets."""
    if key in waiting:
        mine = asyncio.get_running_loop().create_future()
        waiting[key].append(mine)
        return await mine
    waiting[key] = []
    try:
        outcome = await find(key, body)
    except HTTPException as problem:
        for other in waiting.pop(key):
            other.set_exception(problem)
        raise
    for other in waiting.pop(key):
        other.set_result(outcome)
    return outcome


async def answer(headers, raw):
    """Status, body and headers for one POST /query."""
    try:
        body = llm.QueryRequest.model_validate_json(raw)
    except ValidationError:
        return 422, b'{"detail": "Please check your question."}', []
    tenant = headers.get(b"x-tenant-id", b"public")
    rest = json.dumps([body.query, body.temperature, body.model]).encode()
    key = b"%d %b %b" % (len(tenant), tenant, rest)
    try:
        if headers.get(b"cache-control", b"").lower() == b"no-cache":
            value, said = (await ask(key, body))[0], "BYPASS"
        else:
            value, said = await find_together(key, body)
    except HTTPException as problem:
        extra = [(name.encode(), text.encode()) for name, text in (problem.headers or {}).items()]
        return problem.status_code, json.dumps({"detail": problem.detail}).encode(), extra
    return 200, value, [(b"x-cache", said.encode())]


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await client.aclose()
        await send({"type": "lifespan.shutdown.complete"})
        return
    raw, more = b"", True
    while more:
        message = await receive()
        raw, more = raw + message.get("body", b""), message.get("more_body", False)
    if scope["path"] == "/health":
        status, body, extra = 200, b'{"status": "ok"}', []
    elif (scope["method"], scope["path"]) == ("POST", "/query"):
        status, body, extra = await answer(dict(scope["headers"]), raw)
    else:
        status, body, extra = 404, b'{"detail": "There is nothing here."}', []
    extra += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": extra})
    await send({"type": "http.response.body", "body": body})
