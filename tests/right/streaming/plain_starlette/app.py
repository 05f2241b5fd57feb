"""Starlette and asyncio streams: HTTP to the LLM by hand, events with CRLF and raw Unicode."""

import asyncio
import json
import math
import os
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

LLM = urlsplit(os.environ["LLM_BASE_URL"])
KEY = os.environ["LLM_API_KEY"]
MODEL = os.environ.get("LLM_MODEL", "gpt-4")
PATIENCE = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
HEARTBEAT = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
HEADERS = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}


class Failed(Exception):
    def __init__(self, status, sentence, headers=None):
        self.status, self.sentence, self.headers = status, sentence, headers


class Refused(Exception):
    pass


def not_json(word):
    raise Refused(f"{word[:9]} is not JSON")


def checked(raw):
    """The payload for the LLM from the body of a request."""
    try:
        body = json.loads(raw, parse_constant=not_json)
    except ValueError:
        raise Refused("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused("the body must be an object")
    query, model = body.get("query"), body.get("model", MODEL)
    temperature = body.get("temperature", 0.7)
    if not isinstance(query, str) or not query.strip() or len(query) > 8000:
        raise Refused("query must be text of 1 to 8000 characters")
    if not isinstance(model, str):
        raise Refused("model must be text")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float):
        raise Refused("temperature must be a number")
    if not math.isfinite(temperature) or not 0 <= temperature <= 2:
        raise Refused("temperature must be from 0 to 2")
    return {
        "model": model,
        "temperature": temperature,
        "messages": [
            {"role": "system", "content": "Answer in one paragraph."},
            {"role": "user", "content": query},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class Call:
    """One call to the LLM over a connection of its own."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def begin(cls, payload):
        try:
            async with asyncio.timeout(PATIENCE):
                call = cls(*await asyncio.open_connection(LLM.hostname, LLM.port))
        except TimeoutError:
            raise Failed(504, "The LLM cannot be reached in time.") from None
        except OSError:
            raise Failed(502, "The LLM cannot be reached.") from None
        try:
            await call.send(payload)
        except BaseException:
            call.close()
            raise
        return call

    async def send(self, payload):
        body = json.dumps(payload).encode()
        head = (
            f"POST {LLM.path}/chat/completions HTTP/1.1\r\n"
            f"Host: {LLM.netloc}\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        status = int((await self.line()).split()[1])
        headers = {}
        while line := (await self.line()).strip():
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        self.chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        if status == 429:
            wait = headers.get("retry-after", "1")
            raise Failed(503, "The LLM has too much to do.", {"Retry-After": wait})
        if status != 200:
            raise Failed(502, "The LLM refused the call.")

    async def line(self):
        return await self.within(self.reader.readline())

    async def within(self, reading):
        """What was read, unless the LLM was silent for too long or went away."""
        try:
            got = await asyncio.wait_for(reading, PATIENCE)
        except TimeoutError:
            raise Failed(504, "The LLM was silent for too long.") from None
        except (OSError, ValueError, asyncio.IncompleteReadError):
            raise Failed(502, "The connection to the LLM broke.") from None
        if not got:
            raise Failed(502, "The LLM ended its answer too early.")
        return got

    async def pieces(self):
        while True:
            if not self.chunked:
                yield await self.within(self.reader.read(4096))
                continue
            size = int((await self.line()).strip(), 16)
            if size == 0:
                raise Failed(502, "The LLM ended its answer too early.")
            yield (await self.within(self.reader.readexactly(size + 2)))[:-2]

    async def frames(self):
        buffer = bytearray()
        async for piece in self.pieces():
            buffer += piece
            while (end := buffer.find(b"\n")) >= 0:
                line = bytes(buffer[:end]).strip()
                del buffer[: end + 1]
                if line == b"data: [DONE]":
                    return
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    def close(self):
        self.writer.close()


def event(name, data):
    text = json.dumps(data, ensure_ascii=False)
    return f"event:{name}\r\ndata:{text}\r\n\r\n".encode()


async def answer(call):
    """Events of the answer; a Failed for an answer that does not end well."""
    model = reason = tokens = None
    try:
        async for frame in call.frames():
            model = frame["model"]
            tokens = (frame.get("usage") or {}).get("total_tokens", tokens)
            for choice in frame["choices"]:
                reason = choice["finish_reason"] or reason
                if (text := choice["delta"].get("content")) is not None:
                    yield event("message", {"text": text}), bool(text)
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Failed(502, "The LLM said something that makes no sense.") from None
    if reason is None:
        raise Failed(502, "The LLM did not finish.")
    yield event("done", {"model": model, "tokens_used": tokens, "finish_reason": reason}), True


async def produce(call, events, queue):
    """Carry the rest of the events to the queue; None is the end."""
    try:
        async for data, _ in events:
            await queue.put(data)
    except Failed as failure:
        await queue.put(event("error", {"detail": failure.sentence}))
    finally:
        call.close()
        queue.put_nowait(None)


async def body(early, call, events):
    queue = asyncio.Queue()
    producer = asyncio.create_task(produce(call, events, queue))
    try:
        for data in early:
            yield data
        while True:
            try:
                data = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                yield b":\r\n\r\n"
                continue
            if data is None:
                return
            yield data
    finally:
        producer.cancel()


async def stream(request):
    try:
        payload = checked(await request.body())
    except Refused as error:
        return JSONResponse({"detail": str(error)}, 422)
    try:
        call = await Call.begin(payload)
    except Failed as failure:
        return JSONResponse({"detail": failure.sentence}, failure.status, failure.headers)
    events, early = answer(call), []
    try:
        async for data, counts in events:
            early.append(data)
            if counts:
                break
    except Failed as failure:
        call.close()
        return JSONResponse({"detail": failure.sentence}, failure.status, failure.headers)
    return StreamingResponse(body(early, call, events), 200, HEADERS, "text/event-stream")


async def health(request):
    return JSONResponse({"status": "ok"})


app = Starlette(routes=[Route("/stream", stream, methods=["POST"]), Route("/health", health)])
