"""FastAPI with `def` handlers, http.client in threads, and a wrapper that counts and logs."""

import asyncio
import contextlib
import functools
import http.client
import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

import prometheus_client as prom
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from prometheus_client import multiprocess
from pydantic import BaseModel, Field, field_validator

LLM = urlsplit(os.environ["LLM_BASE_URL"])
AUTHORIZATION = {"Authorization": "Bearer " + os.environ["LLM_API_KEY"]}
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
prom.disable_created_metrics()
REQUESTS = prom.Counter("http_requests_total", "x", ["status", "route", "method"])
DURATION = prom.Histogram("http_request_duration_seconds", "x", ["route", "method"])
CALLS = prom.Counter("llm_requests_total", "x", ["outcome", "model"])
TOKENS = prom.Counter("llm_tokens_total", "x", ["kind", "model"])
CALL_TIME = prom.Histogram("llm_request_duration_seconds", "x", ["model", "outcome"])
TTFT = prom.Histogram("llm_time_to_first_token_seconds", "x", buckets=(0.2, 1, 5, 20))
BUSY = prom.Gauge("llm_requests_in_flight", "x", multiprocess_mode="all")
STANDARD = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

log = logging.getLogger("app.access")
log.setLevel(logging.INFO)
log.addHandler(logging.StreamHandler(sys.stdout))
log.propagate = False


class QueryRequest(BaseModel):
    query: str = Field(max_length=8000)
    model: str = os.environ.get("LLM_MODEL", "gpt-4")
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query")
    @classmethod
    def not_blank(cls, query):
        if not query.strip():
            raise ValueError("must not be blank")
        return query


class Upstream(Exception):
    def __init__(self, outcome, status, retry_after=None):
        self.outcome, self.status, self.retry_after = outcome, status, retry_after


class Call:
    """One call: it is `over` exactly once, whoever says so first."""

    def __init__(self, note):
        self.note, self.model, self.usage = note, "unknown", None
        self.began = time.monotonic()
        self.lock, self.ended = threading.Lock(), False
        BUSY.inc()

    def over(self, outcome):
        with self.lock:
            if self.ended:
                return
            self.ended = True
        BUSY.dec()
        CALLS.labels(outcome, self.model).inc()
        CALL_TIME.labels(self.model, outcome).observe(time.monotonic() - self.began)
        if self.usage:
            TOKENS.labels("prompt", self.model).inc(self.usage["prompt_tokens"])
            TOKENS.labels("completion", self.model).inc(self.usage["completion_tokens"])

    def says(self, part):
        self.note["model"] = self.model = part["model"]
        if part.get("usage"):
            self.usage = part["usage"]
            self.note["tokens"] = self.usage["total_tokens"]


def upstream_call(asked, call, stream, connection):
    """Yields texts; blocks. Raises Upstream."""
    payload = {
        "model": asked.model,
        "messages": [{"role": "user", "content": asked.query}],
        "temperature": asked.temperature,
    }
    if stream:
        payload |= {"stream": True, "stream_options": {"include_usage": True}}
    parent = secrets.token_hex(8)
    headers = {
        **AUTHORIZATION,
        "Content-Type": "application/json",
        "traceparent": f"00-{call.note['trace']}-{parent}-01",
    }
    try:
        connection.request("POST", LLM.path + "/chat/completions", json.dumps(payload), headers)
        answer = connection.getresponse()
        if answer.status == 429:
            raise Upstream("rate_limited", 503, answer.getheader("Retry-After"))
        if answer.status != 200:
            raise Upstream("error", 502)
        if not stream:
            whole = json.loads(answer.read())
            call.says(whole)
            yield whole["choices"][0]["message"]["content"]
            return
        finished = False
        while line := answer.readline():
            if line.strip() == b"data: [DONE]" and finished:
                return
            if not line.startswith(b"data:"):
                continue
            chunk = json.loads(line[5:])
            call.says(chunk)
            for choice in chunk["choices"]:
                finished = finished or choice["finish_reason"] is not None
                if text := choice["delta"].get("content"):
                    yield text
        raise Upstream("error", 502)
    except TimeoutError:
        raise Upstream("timeout", 504) from None
    except (OSError, http.client.HTTPException, ValueError, TypeError, LookupError):
        raise Upstream("error", 502) from None


def connect():
    return http.client.HTTPConnection(LLM.hostname, LLM.port, timeout=TIMEOUT)


def failed(failure):
    headers = {"Retry-After": failure.retry_after} if failure.retry_after else None
    return JSONResponse({"detail": "The model has failed us."}, failure.status, headers)


class Models:
    """What the LLM said to GET /models, asked by whoever comes first after a second."""

    def __init__(self):
        self.lock, self.good, self.until = threading.Lock(), False, 0.0

    def ready(self):
        with self.lock:
            if time.monotonic() > self.until:
                self.good = self.ask()
                self.until = time.monotonic() + 1
            return self.good

    def ask(self):
        connection = http.client.HTTPConnection(LLM.hostname, LLM.port, timeout=0.8)
        with contextlib.closing(connection):
            try:
                connection.request("GET", LLM.path + "/models", headers=AUTHORIZATION)
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False


models = Models()
inner = FastAPI()


@inner.exception_handler(RequestValidationError)
def invalid(request, error):
    return JSONResponse({"detail": "That is no question."}, 422)


@inner.get("/health")
@inner.get("/livez")
def alive():
    return {"status": "ok"}


@inner.get("/readyz")
def readyz():
    return JSONResponse({}, 200 if models.ready() else 503)


@inner.get("/metrics")
def metrics():
    registry = prom.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prom.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return PlainTextResponse(prom.generate_latest(registry))


@inner.post("/query")
def query(asked: QueryRequest, request: Request):
    call = Call(request.scope["note"])
    with contextlib.closing(connect()) as connection:
        try:
            (text,) = upstream_call(asked, call, False, connection)
        except Upstream as failure:
            call.over(failure.outcome)
            return failed(failure)
    call.over("ok")
    return {"response": text, "model": call.model, "tokens_used": call.usage["total_tokens"]}


class Reader(threading.Thread):
    """Reads one stream for the event loop."""

    def __init__(self, asked, call):
        super().__init__(daemon=True)
        self.asked, self.call = asked, call
        self.loop, self.found = asyncio.get_running_loop(), asyncio.Queue()
        self.connection = connect()
        self.first = True

    def tell(self, what):
        self.loop.call_soon_threadsafe(self.found.put_nowait, what)

    def run(self):
        with contextlib.closing(self.connection):
            try:
                for text in upstream_call(self.asked, self.call, True, self.connection):
                    if self.first:
                        self.first = False
                        TTFT.observe(time.monotonic() - self.call.began)
                    self.tell(text)
            except Upstream as failure:
                self.call.over(failure.outcome)
                self.tell(failure)
            else:
                self.call.over("ok")
                self.tell(None)

    def leave(self):
        self.call.over("cancelled")
        if self.connection.sock is not None:
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)


async def events(reader, found):
    try:
        while isinstance(found, str):
            yield f"data: {json.dumps({'text': found})}\n\n"
            found = await reader.found.get()
        if isinstance(found, Upstream):
            yield 'event: error\ndata: {"detail": "The model has left us."}\n\n'
            return
        told = {"model": reader.call.model, "tokens_used": reader.call.note["tokens"]}
        yield f"event: done\ndata: {json.dumps(told | {'finish_reason': 'stop'})}\n\n"
    finally:
        reader.leave()


@inner.post("/stream")
async def stream(asked: QueryRequest, request: Request):
    reader = Reader(asked, Call(request.scope["note"]))
    reader.start()
    found = await reader.found.get()
    if isinstance(found, Upstream):
        return failed(found)
    return StreamingResponse(events(reader, found), media_type="text/event-stream")


def read_trace(header):
    """By hand, character by character of the specification."""
    parts = header.split("-")
    if [len(part) for part in parts] != [2, 32, 16, 2] or parts[0] == "ff":
        return None
    if set("".join(parts)) - set("0123456789abcdef"):
        return None
    return parts[1] if parts[1].strip("0") and parts[2].strip("0") else None


def watched(asgi):
    """Every request leaves a line and a count when `asgi` has returned."""

    @functools.wraps(asgi)
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return await asgi(scope, receive, send)
        headers = dict(scope["headers"])
        sent = headers.get(b"x-request-id", b"")
        sane = 0 < len(sent) <= 128 and all(33 <= byte <= 126 for byte in sent)
        own = sent if sane else secrets.token_hex(8).encode()
        trace = read_trace(headers.get(b"traceparent", b"").decode("latin-1"))
        note = {"trace": trace or secrets.token_hex(16), "model": None, "tokens": None}
        scope["note"], status, began = note, [500], time.monotonic()

        async def noting(message):
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", own)]
            await send(message)

        try:
            await asgi(scope, receive, noting)
        finally:
            took = time.monotonic() - began
            found = scope.get("route")
            route = found.path if found is not None else "unmatched"
            method = scope["method"] if scope["method"] in STANDARD else "nonstandard"
            REQUESTS.labels(str(status[0]), route, method).inc()
            DURATION.labels(route, method).observe(took)
            line = {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "level": "info",
                "message": "",
                "request_id": own.decode(),
                "method": method,
                "route": route,
                "status": status[0],
                "duration_ms": round(took * 1000, 2),
                "model": note["model"],
                "tokens": note["tokens"],
            }
            log.info("%s", json.dumps(line))

    return app


app = watched(inner)
