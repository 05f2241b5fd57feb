"""Starlette, and a layer of ASGI for each worry: id, crash, size, crowd, outage, hang-up."""

import asyncio
import itertools
import json
import logging
import math
import os
import random
import re
import time
import uuid
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

env = os.environ.get
KEYS = json.loads(os.environ["API_KEYS"])
log = logging.getLogger("layers")
log.addHandler(logging.StreamHandler())
log.setLevel(logging.INFO)
log.propagate = False


class Sorry(Exception):
    def __init__(self, status, text, headers=None, outage=False, again=False, pause=0.0):
        self.status, self.text, self.headers = status, text, headers or {}
        self.outage, self.again, self.pause = outage, again, pause


def sheet(scope, status, text, headers=None):
    document = {"type": "about:blank", "title": "Failure", "status": status, "detail": text}
    document["request_id"] = scope["state"]["id"]
    return JSONResponse(document, status, headers, "application/problem+json")


class Layer:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Name(Layer):
    async def http(self, scope, receive, send):
        sent = Headers(scope=scope).get("x-request-id", "")
        name = sent if re.fullmatch(r"[\x21-\x7e]{1,128}", sent) else str(uuid.uuid4())
        scope.setdefault("state", {})["id"] = name
        log.info("begin %s %s", name, scope["method"])

        async def named(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = name
            await send(message)

        await self.app(scope, receive, named)


class Net(Layer):
    """Catches what falls."""

    async def http(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        except Sorry as sorry:
            await sheet(scope, sorry.status, sorry.text, sorry.headers)(scope, receive, send)
        except Exception:
            log.error("fallen: %s", scope["state"]["id"])
            await sheet(scope, 500, "An accident on our side.")(scope, receive, send)


class Size(Layer):
    """Reads the whole body before anybody else does."""

    async def http(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
            if len(body) > 65_536:
                raise Sorry(413, "Too large.")
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def replay():
            return next(parts, None) or await receive()

        await self.app(scope, replay, send)


class Crowd(Layer):
    """Counts questions that are inside."""

    inside = 0

    async def http(self, scope, receive, send):
        if scope["path"] != "/query":
            return await self.app(scope, receive, send)
        if Crowd.inside >= int(env("MAX_IN_FLIGHT", "100")):
            raise Sorry(503, "No place.", {"Retry-After": "1"})
        Crowd.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            Crowd.inside -= 1


class Ear(Layer):
    """Ends everything inside when the client hangs up."""

    async def http(self, scope, receive, send):
        if scope["path"] != "/query":
            return await self.app(scope, receive, send)
        messages = asyncio.Queue()
        inner = asyncio.ensure_future(self.app(scope, messages.get, send))

        async def listen():
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    inner.cancel()
                    return
                messages.put_nowait(message)

        ear = asyncio.ensure_future(listen())
        try:
            await inner
        except asyncio.CancelledError:
            log.info("left %s", scope["state"]["id"])
        finally:
            ear.cancel()


class Circuit:
    """Failures in a row; the time from which on the next probe may go."""

    def __init__(self):
        self.row, self.since, self.probe = 0, 0.0, None
        self.reset = float(env("BREAKER_RESET_SECONDS", "30"))

    async def through(self, work):
        mine = None
        if self.row >= 5:
            left = self.since + self.reset - time.monotonic()
            if left > 0 or self.probe is not None:
                work.close()
                raise Sorry(503, "Resting.", {"Retry-After": str(max(1, math.ceil(left)))})
            mine = self.probe = object()
        try:
            result = await work
            self.row = 0
            return result
        except Sorry as sorry:
            if sorry.outage:
                self.row, self.since = self.row + 1, time.monotonic()
            raise
        finally:
            if mine is self.probe:
                self.probe = None


circuit = Circuit()


async def once(client, payload, name):
    try:
        answer = await client.post(
            "/chat/completions", json=payload, headers={"x-request-id": name}
        )
    except httpx.TimeoutException:
        raise Sorry(504, "Slow.", outage=True) from None
    except httpx.RequestError:
        raise Sorry(502, "Away.", outage=True, again=True) from None
    pause = float(answer.headers.get("retry-after", 0))
    if answer.status_code == 429:
        headers = {"Retry-After": answer.headers.get("retry-after", "1")}
        raise Sorry(503, "Busy.", headers, again=True, pause=pause)
    if answer.status_code >= 500:
        raise Sorry(502, "Broken.", outage=True, again=True, pause=pause)
    if answer.status_code >= 400:
        raise Sorry(502, "Unwilling.")
    try:
        said = answer.json()
        text = said["choices"][0]["message"]["content"]
        tokens = said["usage"]["total_tokens"]
        return {"response": text, "model": said["model"], "tokens_used": tokens}
    except (ValueError, LookupError, TypeError):
        raise Sorry(502, "Unreadable.", outage=True) from None


async def several(client, payload, name):
    end = time.monotonic() + float(env("REQUEST_DEADLINE_SECONDS", "60"))
    for number in itertools.count(1):
        left = end - time.monotonic()
        try:
            return await asyncio.wait_for(once(client, payload, name), left)
        except TimeoutError:
            raise Sorry(504, "Too late.", outage=True) from None
        except Sorry as sorry:
            pause = sorry.pause + random.triangular(0, 0.4, 0.1)
            if not sorry.again or number == 3 or time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
    raise AssertionError


def rules(asked):
    """What is wrong with it, one sentence a field."""
    if not isinstance(asked, dict):
        return ["body: must be an object"]
    found = []
    query = asked.get("query")
    if not isinstance(query, str):
        found.append("query: must be a text")
    elif not query.strip() or len(query) > 8000:
        found.append("query: must have 1 to 8000 characters, one of them visible")
    warmth = asked.get("temperature", 0.7)
    if type(warmth) not in (int, float) or not 0 <= warmth <= 2:
        found.append("temperature: must be a number between 0 and 2")
    model = asked.get("model", "")
    allowed = [name.strip() for name in env("ALLOWED_MODELS", "").split(",") if name.strip()]
    if not isinstance(model, str) or (model and allowed and model not in allowed):
        found.append("model: must be the name of an allowed model")
    return found


async def query(request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in KEYS:
        raise Sorry(401, "No good token.", {"WWW-Authenticate": "Bearer"})
    try:
        asked = json.loads(await request.body())
    except ValueError:
        raise Sorry(422, "body: must be JSON") from None
    if broken := rules(asked):
        raise Sorry(422, "; ".join(broken))
    payload = {
        "model": asked.get("model") or env("LLM_MODEL", "gpt-4"),
        "messages": [{"role": "user", "content": asked["query"]}],
        "temperature": asked.get("temperature", 0.7),
    }
    client, name = request.app.state.client, request.state.id
    return JSONResponse(await circuit.through(several(client, payload, name)))


async def health(request):
    return JSONResponse({"status": "ok"})


async def crash(request):
    raise RuntimeError(os.environ["LLM_API_KEY"])


async def by_the_router(request, error):
    return sheet(request.scope, error.status_code, error.detail, error.headers)


@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(
        base_url=os.environ["LLM_BASE_URL"],
        headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
        timeout=float(env("LLM_TIMEOUT_SECONDS", "30")),
        limits=httpx.Limits(max_connections=None),
    ) as app.state.client:
        yield


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/debug/crash", crash),
        Route("/query", query, methods=["POST"]),
    ],
    middleware=[Middleware(layer) for layer in (Name, Net, Size, Crowd, Ear)],
    exception_handlers={
        HTTPException: by_the_router,
        Sorry: lambda request, sorry: sheet(request.scope, sorry.status, sorry.text, sorry.headers),
    },
    lifespan=lifespan,
)
