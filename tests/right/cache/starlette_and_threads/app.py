"""No FastAPI and no async Redis: each question is answered in a thread, under plain locks."""

import json
import logging
import math
import os
import threading
import time
from concurrent.futures import Future
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import Any

import httpx
import redis
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

MODEL = os.environ.get("LLM_MODEL", "gpt-4")
URL = os.environ.get("CACHE_URL", "memory://")
TTL = float(os.environ.get("CACHE_TTL_SECONDS", "3600"))
MOST = int(os.environ.get("CACHE_MAX_ENTRIES", "1000"))


class Refused(Exception):
    """The request breaks a rule."""


class Failed(Exception):
    """The call brought no answer; the status and the sentence are for the caller."""

    def __init__(self, status: int, sentence: str, wait: str = "") -> None:
        self.status, self.sentence, self.wait = status, sentence, wait


class Gone(Exception):
    """The cache cannot be reached."""


class Memory:
    """A dict in the order of use, with the time at which each entry ends."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, key: str) -> dict[str, Any] | None:
        with self.lock:
            ends, answer = self.entries.pop(key, (0.0, None))
            if answer is None or ends < time.monotonic():
                return None
            self.entries[key] = (ends, answer)
            return answer

    def set(self, key: str, answer: dict[str, Any]) -> None:
        with self.lock:
            self.entries.pop(key, None)
            self.entries[key] = (time.monotonic() + TTL, answer)
            while len(self.entries) > MOST:
                del self.entries[next(iter(self.entries))]


class Shared:
    """Redis, one hash an entry, with a client that blocks its thread for a fifth of a second."""

    def __init__(self) -> None:
        self.redis = redis.Redis.from_url(URL, socket_timeout=0.2, socket_connect_timeout=0.2)

    def get(self, key: str) -> dict[str, Any] | None:
        try:
            found = self.redis.hget(key, "answer")
        except redis.RedisError as error:
            raise Gone from error
        return json.loads(found) if found is not None else None

    def set(self, key: str, answer: dict[str, Any]) -> None:
        try:
            with self.redis.pipeline() as pipe:
                pipe.hset(key, "answer", json.dumps(answer))
                pipe.pexpire(key, int(TTL * 1000))
                pipe.execute()
        except redis.RedisError as error:
            raise Gone from error


cache = Memory() if URL == "memory://" else Shared()
asking: dict[str, Future[tuple[dict[str, Any], str]]] = {}
asking_lock = threading.Lock()
client = httpx.Client(
    base_url=os.environ["LLM_BASE_URL"] + "/",
    headers={"Authorization": "Bearer " + os.environ["LLM_API_KEY"]},
    timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
)


def checked(raw: bytes) -> dict[str, Any]:
    """The payload for the LLM from the body of a request."""
    try:
        body = json.loads(raw)
        query, model = body["query"], body.get("model", MODEL)
        temperature = body.get("temperature", 0.7)
        whole = isinstance(query, str) and isinstance(model, str) and query.strip()
        if not whole or len(query) > 8000 or not 0 <= float(temperature) <= 2:
            raise Refused
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Refused from None
    if not math.isfinite(temperature):
        raise Refused
    messages = [{"role": "user", "content": query}]
    return {"model": model, "temperature": float(temperature), "messages": messages}


def call(payload: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The caller's answer, and whether it is whole."""
    try:
        answer = client.post("chat/completions", json=payload)
    except httpx.TimeoutException:
        raise Failed(504, "The LLM did not answer in time.") from None
    except httpx.TransportError:
        raise Failed(502, "The LLM is out of order.") from None
    if answer.status_code == 429:
        wait = answer.headers.get("retry-after", "5")
        raise Failed(503, "The LLM has too much to do.", wait)
    try:
        completion = answer.raise_for_status().json()
        choice = completion["choices"][0]
        told = {
            "response": choice["message"]["content"],
            "model": completion["model"],
            "tokens_used": completion["usage"]["total_tokens"],
        }
    except (httpx.HTTPStatusError, ValueError, TypeError, LookupError):
        raise Failed(502, "The LLM is out of order.") from None
    return told, choice.get("finish_reason") != "length"


def look_and_call(key: str, payload: dict[str, Any]) -> tuple[dict[str, Any], str]:
    said = "MISS"
    try:
        known = cache.get(key)
        if known is not None:
            return known, "HIT"
    except Gone:
        said = "BYPASS"
    told, whole = call(payload)
    if whole and said == "MISS":
        try:
            cache.set(key, told)
        except Gone as gone:
            logging.getLogger(__name__).warning("The cache is gone: %s", gone.__cause__)
    return told, said


def once(key: str, payload: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The first thread with a key does the work, the others wait for its future."""
    with asking_lock:
        first = key not in asking
        future = asking.setdefault(key, Future())
    if not first:
        told, said = future.result()
        return told, "HIT" if said == "MISS" else said
    try:
        future.set_result(look_and_call(key, payload))
    except BaseException as error:
        future.set_exception(error)
    finally:
        with asking_lock:
            del asking[key]
    return future.result()


def again(key: str, payload: dict[str, Any]) -> tuple[dict[str, Any], str]:
    told, whole = call(payload)
    try:
        if whole:
            cache.set(key, told)
    except Gone:
        pass
    return told, "BYPASS"


async def query(request):
    try:
        payload = checked(await request.body())
    except Refused:
        return JSONResponse({"detail": "Please check your question."}, 422)
    tenant = request.headers.get("x-tenant-id", "public")
    named = json.dumps([tenant, payload], sort_keys=True).encode()
    key = blake2b(named, digest_size=24).hexdigest()
    insists = request.headers.get("cache-control") == "no-cache"
    try:
        told, said = await run_in_threadpool(again if insists else once, key, payload)
    except Failed as failed:
        headers = {"Retry-After": failed.wait} if failed.wait else {}
        return JSONResponse({"detail": failed.sentence}, failed.status, headers)
    return JSONResponse(told, headers={"X-Cache": said})


async def health(request):
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def lifespan(app):
    yield
    await run_in_threadpool(client.close)


app = Starlette(
    lifespan=lifespan, routes=[Route("/query", query, methods=["POST"]), Route("/health", health)]
)
