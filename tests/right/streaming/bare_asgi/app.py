"""No framework: one ASGI callable, which watches for the hang-up beside its own work."""

import asyncio
import json
import os

import httpx

ENVIRONMENT = os.environ
HEARTBEAT = float(ENVIRONMENT.get("HEARTBEAT_SECONDS", 15))
PATIENCE = float(ENVIRONMENT.get("LLM_TIMEOUT_SECONDS", 30))


class Problem(Exception):
    def __init__(self, status, detail, headers=()):
        self.status, self.detail, self.headers = status, detail, list(headers)


class Client:
    """The other side of one request."""

    def __init__(self, send):
        self.send = send
        self.started = False

    async def head(self, status, content_type, headers=()):
        self.started = True
        pairs = [(b"content-type", content_type), *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})

    async def json(self, status, value, headers=()):
        await self.head(status, b"application/json", headers)
        await self.write(json.dumps(value).encode(), more=False)

    async def event(self, data, name=None):
        if not self.started:
            await self.head(
                200,
                b"text/event-stream",
                [(b"cache-control", b"no-store, no-cache"), (b"x-accel-buffering", b"no")],
            )
        await self.write(b"data: %s\n" % json.dumps(data).encode())
        await self.write(b"event: %s\n\n" % name if name else b"\n")

    async def write(self, data, more=True):
        await self.send({"type": "http.response.body", "body": data, "more_body": more})


def refuse_constant(name):
    raise ValueError(name)


def payload_of(raw):
    try:
        asked = json.loads(raw, parse_constant=refuse_constant)
        query, model = asked["query"], asked.get("model", ENVIRONMENT.get("LLM_MODEL", "gpt-4"))
        temperature = asked.get("temperature", 0.7)
        good = (
            isinstance(query, str)
            and isinstance(model, str)
            and isinstance(temperature, int | float)
            and 0 < len(query) <= 8000
            and query.strip() != ""
            and 0 <= temperature <= 2
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        good = False
    if not good:
        raise Problem(422, "The body is not a query.")
    return {
        "model": model,
        "messages": [{"role": "user", "content": query}],
        "temperature": temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class App:
    client: httpx.AsyncClient

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            await self.http(scope, receive, Client(send))

    async def lifespan(self, receive, send):
        await receive()
        self.client = httpx.AsyncClient(
            headers={"Authorization": "Bearer " + ENVIRONMENT["LLM_API_KEY"]}, timeout=None
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def http(self, scope, receive, client):
        route = (scope["method"], scope["path"])
        if route == ("GET", "/health"):
            return await client.json(200, {"status": "ok"})
        if route != ("POST", "/stream"):
            return await client.json(404, {"detail": "There is nothing here."})
        raw, more = b"", True
        while more:
            message = await receive()
            raw, more = raw + message.get("body", b""), message.get("more_body", False)
        work = asyncio.create_task(self.answer(raw, client))
        hang_up = asyncio.create_task(receive())
        await asyncio.wait({work, hang_up}, return_when=asyncio.FIRST_COMPLETED)
        hang_up.cancel()
        if not work.done():
            work.cancel()
            return await asyncio.wait({work})
        return work.result()

    async def answer(self, raw, client):
        try:
            await self.stream(payload_of(raw), client)
        except Problem as problem:
            if not client.started:
                await client.json(problem.status, {"detail": problem.detail}, problem.headers)
                return
            await client.event({"detail": problem.detail}, b"error")
            await client.write(b"", more=False)

    async def stream(self, payload, client):
        last = {"model": None, "tokens_used": None, "finish_reason": None}
        async for data in self.data(payload, client):
            try:
                frame = json.loads(data)
                last["model"] = frame["model"]
                if frame.get("usage"):
                    last["tokens_used"] = frame["usage"]["total_tokens"]
                texts = [choice["delta"].get("content") for choice in frame["choices"]]
                reasons = [choice["finish_reason"] for choice in frame["choices"]]
            except (ValueError, TypeError, LookupError, AttributeError):
                raise Problem(502, "The LLM sent something else than a chunk.") from None
            last["finish_reason"] = next(filter(None, reasons), last["finish_reason"])
            for text in filter(None, texts):
                await client.event({"text": text})
        await client.event(last, b"done")
        await client.write(b"", more=False)

    async def data(self, payload, client):
        """The LLM's data lines up to its [DONE]."""
        url = ENVIRONMENT["LLM_BASE_URL"] + "/chat/completions"
        request = self.client.build_request("POST", url, json=payload)
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self.client.send(request, stream=True)
        except TimeoutError:
            raise Problem(504, "The LLM does not answer.") from None
        except httpx.HTTPError:
            raise Problem(502, "The LLM cannot be reached.") from None
        try:
            if response.status_code == 429:
                wait = response.headers.get("retry-after", "1").encode()
                raise Problem(503, "The LLM is busy.", [(b"retry-after", wait)])
            if response.status_code != 200:
                raise Problem(502, "The LLM has failed.")
            async for line in self.lines(response, client):
                if line == b"data: [DONE]":
                    return
                if line.startswith(b"data: "):
                    yield line[6:]
            raise Problem(502, "The LLM went away in the middle.")
        finally:
            await response.aclose()

    async def lines(self, response, client):
        parts, rest = response.aiter_raw(), b""
        while part := await self.part(parts, client):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                yield line.strip()

    async def part(self, parts, client):
        """The next bytes; the client hears a comment now and then while there are none."""
        reading = asyncio.ensure_future(anext(parts, b""))
        waited = 0.0
        try:
            while waited < PATIENCE:
                pause = min(HEARTBEAT, PATIENCE - waited)
                done, _ = await asyncio.wait({reading}, timeout=pause)
                if done:
                    return reading.result()
                waited += pause
                if client.started and waited < PATIENCE:
                    await client.write(b": thinking\n\n")
        except httpx.HTTPError:
            raise Problem(502, "The LLM broke off.") from None
        finally:
            reading.cancel()
        raise Problem(504, "The LLM has been silent for too long.")


app = App()
