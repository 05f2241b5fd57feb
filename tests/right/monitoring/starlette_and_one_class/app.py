"""No FastAPI: one class, lines from a queue, and a checker of the LLM that never stops."""

import asyncio
import json
import logging
import logging.handlers
import math
import os
import queue
import re
import secrets
import sys
import time
from contextlib import asynccontextmanager

import httpx
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_asgi_app
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

MULTI = "PROMETHEUS_MULTIPROC_DIR" in os.environ
registry = CollectorRegistry()
MODEL = os.environ.get("LLM_MODEL", "gpt-4")
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
KNOWN = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")

answers = Counter("http_requests", "a", ["method", "route", "status", "app"], registry=registry)
spans = Histogram(
    "http_request_duration_seconds", "a", ["method", "route", "status"], registry=registry
)
calls = Counter("llm_requests", "a", ["model", "outcome", "stream"], registry=registry)
spent = Counter("llm_tokens", "a", ["model", "kind"], registry=registry)
took = Histogram("llm_request_duration_seconds", "a", registry=registry)
first = Histogram("llm_time_to_first_token_seconds", "a", ["model"], registry=registry)
busy = Gauge(
    "llm_requests_in_flight", "a", ["stream"], registry=registry, multiprocess_mode="livesum"
)
if MULTI:
    shown = CollectorRegistry()
    MultiProcessCollector(shown)
else:
    shown = registry


class Line(logging.Formatter):
    def format(self, record):
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return json.dumps(
            {
                "timestamp": f"{moment}.{int(record.msecs):03d}Z",
                "level": record.levelname,
                "message": record.getMessage(),
                **record.fields,
            }
        )


lines = queue.SimpleQueue()
out = logging.StreamHandler(sys.stdout)
out.setFormatter(Line())
listener = logging.handlers.QueueListener(lines, out)
logger = logging.getLogger("access")
logger.propagate = False
logger.setLevel("INFO")


class Keep(logging.handlers.QueueHandler):
    def prepare(self, record):
        return record


logger.addHandler(Keep(lines))


def problem(status, detail, headers=None):
    return JSONResponse({"detail": detail}, status, headers)


def asked_for(raw):
    """The model's body of a call, or None."""
    try:
        body = json.loads(raw)
        query, temperature = body["query"], body.get("temperature", 0.7)
        model = body.get("model", MODEL)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    fine = (
        isinstance(query, str)
        and query.strip()
        and len(query) <= 8000
        and isinstance(model, str)
        and isinstance(temperature, int | float)
        and math.isfinite(temperature)
        and 0 <= temperature <= 2
    )
    messages = [{"role": "user", "content": query}]
    return {"model": model, "messages": messages, "temperature": temperature} if fine else None


class Ended(Exception):
    def __init__(self, outcome, status, wait=None):
        self.outcome, self.status, self.wait = outcome, status, wait


class Service:
    def __init__(self):
        self.ready = False

    @asynccontextmanager
    async def lifespan(self, app):
        listener.start()
        headers = {"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"}
        async with httpx.AsyncClient(
            base_url=os.environ["LLM_BASE_URL"], headers=headers, timeout=TIMEOUT
        ) as self.client:
            watcher = asyncio.create_task(self.watch())
            yield
            watcher.cancel()
        listener.stop()

    async def watch(self):
        while True:
            try:
                answer = await self.client.get("/models", timeout=1)
                self.ready = answer.status_code < 400
            except httpx.HTTPError:
                self.ready = False
            await asyncio.sleep(1)

    async def livez(self, request):
        return PlainTextResponse("yes")

    async def readyz(self, request):
        return PlainTextResponse("", 200 if self.ready else 503)

    def headers_for(self, scope):
        return {"traceparent": f"00-{scope['seen']['trace']}-{secrets.token_hex(8)}-00"}

    async def call(self, scope, body):
        """Chunks of text; fills in what was seen. Raises Ended."""
        seen, streams = scope["seen"], body["stream"]
        model, outcome, usage = "unknown", "cancelled", {}
        began, has_text, over = time.monotonic(), False, False
        gauge = busy.labels(streams)
        gauge.inc()
        try:
            request = self.client.build_request(
                "POST", "/chat/completions", json=body, headers=self.headers_for(scope)
            )
            answer = await self.client.send(request, stream=True)
            try:
                if answer.status_code == 429:
                    raise Ended("rate_limited", 503, answer.headers.get("Retry-After"))
                if answer.status_code != 200:
                    raise Ended("error", 502)
                if not streams:
                    await answer.aread()
                    whole = answer.json()
                    usage, model = whole["usage"], whole["model"]
                    seen.update(model=model, tokens=usage["total_tokens"])
                    yield whole["choices"][0]["message"]["content"]
                    over = True
                else:
                    async for line in answer.aiter_lines():
                        if line == "data: [DONE]":
                            break
                        if not line.startswith("data:"):
                            continue
                        chunk = json.loads(line[5:])
                        model = chunk["model"]
                        seen["model"] = model
                        if chunk.get("usage"):
                            usage = chunk["usage"]
                            seen["tokens"] = usage["total_tokens"]
                        for choice in chunk["choices"]:
                            text = choice["delta"].get("content")
                            over = over or choice["finish_reason"] is not None
                            if text and not has_text:
                                has_text = True
                                first.labels(model).observe(time.monotonic() - began)
                            if text:
                                yield text
                if not over:
                    raise Ended("error", 502)
                outcome = "ok"
            finally:
                await answer.aclose()
        except Ended as ending:
            outcome = ending.outcome
            raise
        except httpx.TimeoutException:
            outcome = "timeout"
            raise Ended("timeout", 504) from None
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError):
            outcome = "error"
            raise Ended("error", 502) from None
        finally:
            gauge.dec()
            calls.labels(model, outcome, streams).inc()
            took.observe(time.monotonic() - began)
            for kind in ("prompt", "completion"):
                spent.labels(model, kind).inc(usage.get(f"{kind}_tokens", 0))

    async def query(self, request):
        body = asked_for(await request.body())
        if body is None:
            return problem(422, "This is no question.")
        try:
            (text,) = [piece async for piece in self.call(request.scope, body | {"stream": False})]
        except Ended as ending:
            return self.failed(ending)
        seen = request.scope["seen"]
        return JSONResponse(
            {"response": text, "model": seen["model"], "tokens_used": seen["tokens"]}
        )

    def failed(self, ending):
        headers = {"Retry-After": ending.wait} if ending.wait else None
        return problem(ending.status, "The model could not answer.", headers)

    async def stream(self, request):
        body = asked_for(await request.body())
        if body is None:
            return problem(422, "This is no question.")
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        pieces = self.call(request.scope, body)
        try:
            head = await anext(pieces, "")
        except Ended as ending:
            return self.failed(ending)

        async def events():
            try:
                yield f"data: {json.dumps({'text': head})}\n\n"
                async for piece in pieces:
                    yield f"data: {json.dumps({'text': piece})}\n\n"
                seen = request.scope["seen"]
                done = {"model": seen["model"], "tokens_used": seen["tokens"]}
                yield f"event: done\ndata: {json.dumps(done | {'finish_reason': 'stop'})}\n\n"
            except Ended:
                yield 'event: error\ndata: {"detail": "The model broke off."}\n\n'
            finally:
                await pieces.aclose()

        return StreamingResponse(events(), media_type="text/event-stream")


async def health(request):
    return JSONResponse({"status": "ok"})


service = Service()
routes = [
    Route("/query", service.query, methods=["POST"]),
    Route("/stream", service.stream, methods=["POST"]),
    Route("/livez", service.livez),
    Route("/readyz", service.readyz),
    Route("/health", health),
    Mount("/metrics", make_asgi_app(shown)),
]
inner = Starlette(routes=routes, lifespan=service.lifespan)
TEMPLATES = {route.path for route in routes}
TRACE = re.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


def trace_of(header):
    found = TRACE.fullmatch(header)
    valid = found and set(found[1]) != {"0"} and set(found[2]) != {"0"}
    return found[1] if valid else secrets.token_hex(16)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await inner(scope, receive, send)
    sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
    given = sent.get(b"x-request-id", "")
    request_id = given if re.fullmatch("[\x21-\x7e]{1,128}", given) else secrets.token_urlsafe(12)
    seen = {"trace": trace_of(sent.get(b"traceparent", "")), "model": None, "tokens": None}
    scope["seen"] = seen
    begun, status = time.monotonic(), 500

    async def sending(message):
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
        await send(message)

    try:
        await inner(scope, receive, sending)
    finally:
        seconds = time.monotonic() - begun
        known = scope["path"] in TEMPLATES
        route = scope["path"] if known else "(none)"
        method = scope["method"] if scope["method"] in KNOWN else "(other)"
        answers.labels(method, route, status, "right").inc()
        spans.labels(method, route, status).observe(seconds)
        fields = {
            "request_id": request_id,
            "trace_id": seen["trace"],
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": seconds * 1000,
            "model": seen["model"],
            "tokens": seen["tokens"],
        }
        logger.info("answered", extra={"fields": fields})
