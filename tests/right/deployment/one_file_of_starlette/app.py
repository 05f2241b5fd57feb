"""One file: the server is a task, and what `main` does after SIGTERM is the way out."""

import asyncio
import json
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import NoReturn

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


def refuse(name: str, what: str) -> NoReturn:
    sys.stderr.write(f"error: {name} {what}\n")
    sys.exit(78)  # EX_CONFIG


def seconds(name: str, default: str) -> float:
    with suppress(ValueError):
        value = float(os.environ.get(name, default))
        if math.isfinite(value) and value >= 0:
            return value
    refuse(name, "must be a number of seconds")


LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
if not LLM_BASE_URL.startswith(("http://", "https://")):
    refuse("LLM_BASE_URL", "must be an http or https URL")
if not LLM_API_KEY:
    refuse("LLM_API_KEY", "is missing")
TIMEOUT = seconds("LLM_TIMEOUT_SECONDS", "30")
DRAIN = seconds("DRAIN_SECONDS", "5")
GRACE = seconds("SHUTDOWN_GRACE_SECONDS", "25")
PORT = os.environ.get("PORT", "8000")
if not (PORT.isdigit() and 0 < int(PORT) < 65536):
    refuse("PORT", "must be a port")

Events = asyncio.Queue[bytes | None]
LEAVING = asyncio.Event()
OPEN: set[Events] = set()  # the events of each open stream; None is the end of them


def event(data: object, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    return Response("no" if LEAVING.is_set() else "yes", 503 if LEAVING.is_set() else 200)


def payload(body: dict[str, object]) -> dict[str, object]:
    return {
        "model": body.get("model") or os.environ.get("LLM_MODEL", "gpt-4"),
        "messages": [{"role": "user", "content": body["query"]}],
        "temperature": body.get("temperature", 0.7),
    }


async def query(request: Request) -> Response:
    client: httpx.AsyncClient = request.state.client
    try:
        answer = await client.post("/chat/completions", json=payload(await request.json()))
        answer.raise_for_status()
    except httpx.HTTPError:
        return JSONResponse({"detail": "The LLM could not answer."}, 502)
    found = answer.json()
    return JSONResponse(
        {
            "response": found["choices"][0]["message"]["content"],
            "model": found["model"],
            "tokens_used": found["usage"]["total_tokens"],
        }
    )


async def pump(client: httpx.AsyncClient, body: dict[str, object], events: Events) -> None:
    """Read the LLM, in a task of its own, and put its pieces where the answer takes them."""
    wanted = {**payload(body), "stream": True, "stream_options": {"include_usage": True}}
    end: dict[str, object] = {"model": None, "tokens_used": None, "finish_reason": None}
    try:
        async with client.stream("POST", "/chat/completions", json=wanted) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                chunk = json.loads(line[6:])
                end["model"] = chunk["model"]
                if chunk.get("usage"):
                    end["tokens_used"] = chunk["usage"]["total_tokens"]
                for choice in chunk["choices"]:
                    end["finish_reason"] = choice.get("finish_reason") or end["finish_reason"]
                    if text := choice["delta"].get("content"):
                        events.put_nowait(event({"text": text}))
        events.put_nowait(event(end, "done"))
    except (httpx.HTTPError, ValueError, KeyError):
        events.put_nowait(event({"detail": "The LLM could not answer."}, "error"))
    events.put_nowait(None)


async def stream(request: Request) -> Response:
    events: Events = asyncio.Queue()
    OPEN.add(events)
    pumping = asyncio.create_task(pump(request.state.client, await request.json(), events))

    async def body() -> AsyncIterator[bytes]:
        try:
            while (one := await events.get()) is not None:
                yield one
        finally:
            pumping.cancel()
            OPEN.discard(events)

    return StreamingResponse(body(), media_type="text/event-stream")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    headers = {"Authorization": f"Bearer {LLM_API_KEY}"}
    async with httpx.AsyncClient(base_url=LLM_BASE_URL, headers=headers, timeout=TIMEOUT) as client:
        yield {"client": client}


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/livez", health),
        Route("/readyz", readyz),
        Route("/query", query, methods=["POST"]),
        Route("/stream", stream, methods=["POST"]),
    ],
    lifespan=lifespan,
)


class Quiet(uvicorn.Server):
    """Signals are none of its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def main() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, LEAVING.set)
    server = Quiet(uvicorn.Config(app, host="0.0.0.0", port=int(PORT), log_level="warning"))
    serving = asyncio.create_task(server.serve())
    told = asyncio.create_task(LEAVING.wait())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        await asyncio.sleep(DRAIN)
    server.should_exit = True
    await asyncio.wait({serving}, timeout=GRACE)
    for events in OPEN:
        events.put_nowait(event({"detail": "We had to stop here."}, "error"))
        events.put_nowait(None)
    await serving


if __name__ == "__main__":
    asyncio.run(main())
