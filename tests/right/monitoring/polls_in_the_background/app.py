"""FastAPI, `def` handlers in threads, httpx.Client, a collector of its own, a poller behind it."""
# without: workers

import contextlib
import json
import logging
import os
import queue
import re
import secrets
import sys
import threading
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import anyio.to_thread
import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from pydantic import BaseModel, Field, field_validator

BASE = os.environ.get("LLM_BASE_URL", "http://localhost:8001/v1")
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
POLL_SECONDS = 1.8  # + at most 1 s of waiting: known within three


class Numbers:
    """Everything that is counted, under one lock; read by Prometheus as a custom collector."""

    EDGES = (0.1, 0.5, 1, 5, 30, 120)

    def __init__(self):
        self.lock = threading.Lock()
        self.http, self.http_s, self.llm, self.llm_s, self.tok, self.first = {}, {}, {}, {}, {}, {}
        self.flying = 0

    def add(self, table, key, by=1):
        with self.lock:
            table[key] = table.get(key, 0) + by

    def time(self, table, key, seconds):
        with self.lock:
            table.setdefault(key, []).append(seconds)

    def collect(self):
        with self.lock:
            yield self.counter("http_requests", ["method", "route", "status"], self.http)
            yield self.counter("llm_requests", ["model", "outcome"], self.llm)
            yield self.counter("llm_tokens", ["model", "kind"], self.tok)
            yield self.histogram("http_request_duration_seconds", ["route", "status"], self.http_s)
            yield self.histogram("llm_request_duration_seconds", ["model", "stream"], self.llm_s)
            yield self.histogram("llm_time_to_first_token_seconds", ["model"], self.first)
            yield GaugeMetricFamily("llm_requests_in_flight", "now", value=self.flying)

    def counter(self, name, labels, table):
        f = CounterMetricFamily(name, name, labels=labels)
        for key, value in table.items():
            f.add_metric(key, value)
        return f

    def histogram(self, name, labels, table):
        f = HistogramMetricFamily(name, name, labels=labels)
        for key, times in table.items():
            buckets = [[str(float(e)), sum(t <= e for t in times)] for e in self.EDGES]
            f.add_metric(key, [*buckets, ["+Inf", len(times)]], sum(times))
        return f


N = Numbers()
REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(N)


class Json(logging.Formatter):
    converter = time.gmtime

    def format(self, r):
        doc = dict(r.msg) if isinstance(r.msg, dict) else {"message": r.getMessage()}
        doc.setdefault("message", "served")
        doc["timestamp"] = datetime.fromtimestamp(r.created, UTC).strftime(
            "%Y-%m-%dT%H:%M:%S.%f+00:00"
        )
        doc["level"] = {"WARNING": "warn"}.get(r.levelname, r.levelname.lower())
        if r.exc_info:
            doc["exception"] = r.exc_info[0].__name__
        return json.dumps(doc, ensure_ascii=False)


h = logging.StreamHandler(sys.stdout)
h.setFormatter(Json())
logging.root.handlers[:] = [h]
logging.root.setLevel("INFO")
logging.getLogger("httpx").propagate = False
LOG = logging.getLogger(__name__)


class Poller(threading.Thread):
    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.ok, self.stop = client, False, threading.Event()

    def run(self):
        while not self.stop.wait(0 if not hasattr(self, "begun") else POLL_SECONDS):
            self.begun = True
            try:
                self.ok = self.client.get("/models", timeout=1.0).status_code < 300
            except httpx.HTTPError:
                self.ok = False


class QueryRequest(BaseModel):
    query: str = Field(min_length=1, max_length=8000)
    model: str = os.environ.get("LLM_MODEL", "gpt-4")
    temperature: float = Field(default=0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query")
    @classmethod
    def not_blank(cls, v):
        assert v.strip(), "blank"
        return v


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


class Failed(Exception):
    def __init__(self, status, text, wait=None):
        self.status, self.text, self.headers = status, text, {"Retry-After": wait} if wait else None


@asynccontextmanager
async def lifespan(app):
    app.state.client = httpx.Client(
        base_url=BASE,
        timeout=TIMEOUT,
        headers={"Authorization": "Bearer " + os.environ.get("LLM_API_KEY", "")},
    )
    app.state.poller = Poller(app.state.client)
    app.state.poller.start()
    yield
    app.state.poller.stop.set()
    app.state.client.close()


api = FastAPI(title="LLM API", lifespan=lifespan)


@api.exception_handler(Failed)
def failed(request, e):
    return JSONResponse({"detail": e.text}, e.status, e.headers)


@api.exception_handler(RequestValidationError)
def invalid(request, e):
    return JSONResponse({"detail": [{"loc": x["loc"], "msg": x["msg"]} for x in e.errors()]}, 422)


class LlmCall:
    def __init__(self, rec, client, body: QueryRequest, stream):
        self.rec, self.client, self.stream = rec, client, stream
        self.model, self.left, self.response, self.seen = "unknown", False, None, False
        self.payload = {
            "model": body.model,
            "temperature": body.temperature,
            "stream": stream,
            "messages": [{"role": "user", "content": body.query}],
        }
        if stream:
            self.payload["stream_options"] = {"include_usage": True}
        self.t0 = time.perf_counter()

    def __enter__(self):
        with N.lock:
            N.flying += 1
        return self

    def __exit__(self, kind, e, tb):
        spent = time.perf_counter() - self.t0
        outcome = (
            "ok"
            if e is None
            else "cancelled"
            if self.left
            else "timeout"
            if isinstance(e, httpx.TimeoutException)
            else "rate_limited"
            if isinstance(e, Failed) and e.status == 503
            else "error"
        )
        N.time(N.llm_s, (self.model, str(self.stream).lower()), spent)
        N.add(N.llm, (self.model, outcome))
        with N.lock:
            N.flying -= 1

    def headers(self):
        return {"traceparent": "-".join(("00", self.rec["trace"], secrets.token_hex(8), "00"))}

    def named(self, model):
        self.model = self.rec["model"] = model

    def used(self, u):
        self.rec["tokens"] = u["prompt_tokens"] + u["completion_tokens"]
        N.add(N.tok, (self.model, "prompt"), u["prompt_tokens"])
        N.add(N.tok, (self.model, "completion"), u["completion_tokens"])

    def check(self, r):
        if r.status_code == 429:
            raise Failed(503, "The model is too busy.", r.headers.get("retry-after"))
        r.raise_for_status()

    def whole(self):
        with self:
            r = self.client.post("/chat/completions", json=self.payload, headers=self.headers())
            self.check(r)
            d = r.json()
            text = d["choices"][0]["message"]["content"]
            self.named(d["model"])
            self.used(d["usage"])
            return text

    def pieces(self):
        with (
            self,
            self.client.stream(
                "POST", "/chat/completions", json=self.payload, headers=self.headers()
            ) as r,
        ):
            self.response = r
            if self.left:
                raise Failed(502, "left")
            self.check(r)
            reason = None
            for line in self.lines(r):
                if line == "[DONE]":
                    break
                d = json.loads(line)
                self.named(d["model"])
                if d.get("usage"):
                    self.used(d["usage"])
                for c in d["choices"]:
                    reason = c.get("finish_reason") or reason
                    if c["delta"].get("content"):
                        if not self.seen:
                            self.seen = True
                            N.time(N.first, (self.model,), time.perf_counter() - self.t0)
                        yield {"text": c["delta"]["content"]}
            if reason is None:
                raise Failed(502, "The model broke off.")
            self.reason = reason

    def lines(self, r):
        rest = b""
        for raw in r.iter_raw():
            *whole, rest = (rest + raw).split(b"\n")
            yield from (w[5:].strip().decode() for w in whole if w.startswith(b"data:"))

    def leave(self):
        """Another thread's socket: shut it down, and its read ends."""
        self.left = True
        r = self.response
        if r is not None:
            net = r.extensions.get("network_stream")
            sock = net.get_extra_info("socket") if net else None
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(2)


def explained(e):
    if isinstance(e, Failed):
        return e
    if isinstance(e, httpx.TimeoutException):
        return Failed(504, "The model was too slow.")
    if isinstance(e, (httpx.HTTPError, ValueError, LookupError, TypeError)):
        return Failed(502, "The model did not work.")
    return e


@api.get("/health")
@api.get("/livez")
def live():
    return {"status": "ok"}


@api.get("/readyz")
def ready(request: Request):
    ok = request.app.state.poller.ok
    return JSONResponse({"llm": ok}, 200 if ok else 503)


@api.get("/metrics")
def metrics():
    return PlainTextResponse(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4")


@api.post("/query")
def query(body: QueryRequest, request: Request) -> QueryResponse:
    call = LlmCall(request.scope["rec"], request.app.state.client, body, False)
    try:
        text = call.whole()
    except Exception as e:
        raise explained(e) from e
    return QueryResponse(response=text, model=call.model, tokens_used=call.rec["tokens"])


@api.post("/stream")
async def stream(body: QueryRequest, request: Request):
    call = LlmCall(request.scope["rec"], request.app.state.client, body, True)
    out: queue.SimpleQueue = queue.SimpleQueue()

    def work():
        try:
            for event in call.pieces():
                out.put(("data", event))
            out.put(
                (
                    "done",
                    {
                        "model": call.model,
                        "tokens_used": call.rec["tokens"],
                        "finish_reason": call.reason,
                    },
                )
            )
        except Exception as e:
            out.put(("failed", explained(e)))

    threading.Thread(target=work, daemon=True).start()

    async def next_one():
        while True:
            try:
                return out.get_nowait()
            except queue.Empty:
                await anyio.sleep(0.01)

    first = None
    async with anyio.create_task_group() as group:

        async def watch():
            while not await request.is_disconnected():  # noqa: ASYNC110 - there is no event for it
                await anyio.sleep(0.2)
            call.leave()

        group.start_soon(watch)
        first = await next_one()
        group.cancel_scope.cancel()
    if first[0] == "failed":
        raise first[1]

    async def events():
        item = first
        try:
            while True:
                kind, data = item
                if kind == "failed":
                    yield 'event: error\r\ndata: {"detail": "The model broke off."}\r\n\r\n'
                    return
                line = "data: " + json.dumps(data) + "\n\n"
                yield line if kind == "data" else "event: done\n" + line
                if kind == "done":
                    return
                item = await next_one()
        finally:
            call.leave() if item[0] == "data" else None

    return StreamingResponse(
        events(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


class Watched:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        raw = dict(scope["headers"])
        rid = raw.get(b"x-request-id", b"").decode("latin-1")
        if not (rid and len(rid) < 129 and rid.isascii() and rid.isprintable() and " " not in rid):
            rid = secrets.token_urlsafe(12)
        m = re.fullmatch(
            rb"(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}",
            raw.get(b"traceparent", b""),
        )
        trace = (
            m[1].decode() if m and m[1].strip(b"0") and m[2].strip(b"0") else secrets.token_hex(16)
        )
        scope["rec"] = rec = {"trace": trace, "model": None, "tokens": None, "status": 499}
        t0 = time.perf_counter()

        async def out(message):
            if message["type"] == "http.response.start":
                rec["status"] = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", rid.encode())]
            await send(message)

        try:
            await self.inner(scope, receive, out)
        except Exception:
            rec["status"] = 500
            raise
        finally:
            route = scope["route"].path if scope.get("route") else "(no route)"
            method = (
                scope["method"]
                if scope["method"]
                in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"}
                else "(other)"
            )
            spent = time.perf_counter() - t0
            N.time(N.http_s, (route, str(rec["status"])), spent)
            N.add(N.http, (method, route, str(rec["status"])))
            if route in ("/query", "/stream"):
                LOG.info(
                    {
                        "request_id": rid,
                        "method": method,
                        "route": route,
                        "status": rec["status"],
                        "duration_ms": spent * 1e3,
                        "model": rec["model"],
                        "tokens": rec["tokens"],
                        "trace_id": trace,
                    }
                )


app = Watched(api)
