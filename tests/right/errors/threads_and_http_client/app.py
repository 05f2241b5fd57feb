"""http.client in threads, locks, and a socket that is shut when the client leaves."""

import asyncio
import http.client
import json
import logging
import math
import os
import random
import socket
import threading
import time
import uuid
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field, field_validator
from starlette.exceptions import HTTPException as AnyHTTPException

KEYS = json.loads(os.environ["API_KEYS"])
LLM = urlsplit(os.environ["LLM_BASE_URL"])
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
DEADLINE = float(os.environ.get("REQUEST_DEADLINE_SECONDS", "60"))
RESET = float(os.environ.get("BREAKER_RESET_SECONDS", "30"))
MOST = int(os.environ.get("MAX_IN_FLIGHT", "100"))
ALLOWED = [name.strip() for name in os.environ.get("ALLOWED_MODELS", "").split(",")]
ALLOWED = [name for name in ALLOWED if name]

log = logging.getLogger("uvicorn.error")
places = threading.BoundedSemaphore(MOST)


class QueryRequest(BaseModel):
    query: str = Field(min_length=1, max_length=8000)
    model: str = os.environ.get("LLM_MODEL", "gpt-4")
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)

    @field_validator("query")
    @classmethod
    def not_blank(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("a query is more than white space")
        return query

    @field_validator("model")
    @classmethod
    def allowed(cls, model: str) -> str:
        if ALLOWED and model not in ALLOWED:
            raise ValueError("this model is not on offer")
        return model


class Breaker:
    """closed, open or half open; a token says which probe is meant."""

    def __init__(self):
        self.lock = threading.Lock()
        self.failed = 0
        self.state = "closed"
        self.opened = 0.0

    def enter(self):
        with self.lock:
            if self.state == "closed":
                return False
            left = self.opened + RESET - time.monotonic()
            if self.state == "half open" or left > 0:
                raise HTTPException(
                    503, "The model rests.", {"Retry-After": str(max(1, math.ceil(left)))}
                )
            self.state = "half open"
            return True

    def leave(self, probe, outcome):
        with self.lock:
            if outcome == "good":
                self.failed, self.state = 0, "closed"
            elif outcome == "outage":
                self.failed += 1
                if probe or self.failed >= 5:
                    self.state, self.opened = "open", time.monotonic()
            elif probe:
                self.state = "open"


breaker = Breaker()


class Call:
    """One question in a thread; `stop` ends it from outside."""

    def __init__(self, body, request_id):
        self.body, self.request_id = body, request_id
        self.until = time.monotonic() + DEADLINE
        self.stopped = threading.Event()
        self.connection = None
        self.outcome = "nothing"

    def stop(self):
        self.stopped.set()
        connection = self.connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def once(self):
        left = self.until - time.monotonic()
        self.connection = http.client.HTTPConnection(
            LLM.hostname, LLM.port, timeout=max(0.01, min(TIMEOUT, left))
        )
        headers = {
            "Authorization": f"Bearer {os.environ['LLM_API_KEY']}",
            "Content-Type": "application/json",
            "X-Request-ID": self.request_id,
        }
        asked = {
            "model": self.body.model,
            "messages": [{"role": "user", "content": self.body.query}],
            "temperature": self.body.temperature,
        }
        try:
            self.connection.request(
                "POST", f"{LLM.path}/chat/completions", json.dumps(asked), headers
            )
            answer = self.connection.getresponse()
            return answer.status, answer.getheader("Retry-After"), answer.read()
        finally:
            self.connection.close()

    def run(self):
        for tries in range(3):
            wait = random.random() * 0.1 * (tries + 1)
            try:
                status, retry_after, content = self.once()
            except TimeoutError:
                self.outcome = "outage"
                raise HTTPException(504, "The model is too slow.") from None
            except (OSError, http.client.HTTPException):
                self.outcome, status, retry_after = "outage", 502, None
                problem = HTTPException(502, "The model cannot be reached.")
            else:
                if status == 200:
                    return self.read(content)
                if retry_after:
                    wait += float(retry_after)
                if status == 429:
                    told = {"Retry-After": retry_after or "1"}
                    self.outcome = "nothing"
                    problem = HTTPException(503, "The model is busy.", told)
                elif status >= 500:
                    self.outcome = "outage"
                    problem = HTTPException(502, "The model is broken.")
                else:
                    self.outcome = "nothing"
                    raise HTTPException(502, "The model will not have it.")
            if tries == 2 or time.monotonic() + wait >= self.until:
                raise problem
            if self.stopped.wait(wait):
                raise problem
        raise AssertionError

    def read(self, content):
        try:
            said = json.loads(content)
            found = {
                "response": said["choices"][0]["message"]["content"],
                "model": said["model"],
                "tokens_used": said["usage"]["total_tokens"],
            }
        except (ValueError, LookupError, TypeError):
            self.outcome = "outage"
            raise HTTPException(502, "The model cannot be understood.") from None
        self.outcome = "good"
        return found


app = FastAPI()


def problem_of(request, status, detail, headers=None, **more):
    request_id = request.scope["request_id"]
    document = {"type": "about:blank", "title": f"Error {status}", "status": status}
    document |= {"detail": detail, "request_id": request_id, **more}
    headers = {**(headers or {}), "X-Request-ID": request_id}
    return JSONResponse(document, status, headers, "application/problem+json")


@app.exception_handler(AnyHTTPException)
def refused(request: Request, error: AnyHTTPException):
    status = 422 if error.status_code == 400 else error.status_code
    return problem_of(request, status, str(error.detail), error.headers)


@app.exception_handler(RequestValidationError)
def invalid(request: Request, error: RequestValidationError):
    rules = {"/".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
    return problem_of(request, 422, "Please look at `invalid`.", invalid=rules)


@app.exception_handler(Exception)
def crashed(request: Request, error: Exception):
    log.error("crash in %s: %s", request.scope["request_id"], type(error).__name__)
    return problem_of(request, 500, "We are sorry.")


class Ids:
    """Outermost; puts the id into the scope and into the answer, unless it is there already."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        sent = dict(scope["headers"]).get(b"x-request-id", b"")
        good = 0 < len(sent) <= 128 and all(33 <= byte <= 126 for byte in sent)
        scope["request_id"] = sent.decode() if good else f"r-{uuid.uuid4()}"

        async def say(message):
            if message["type"] == "http.response.start":
                log.warning("%s %s", scope["request_id"], message["status"])
                others = [each for each in message["headers"] if each[0] != b"x-request-id"]
                own = (b"x-request-id", scope["request_id"].encode())
                message = {**message, "headers": [*others, own]}
            await send(message)

        content, more = b"", True
        declared = int(dict(scope["headers"]).get(b"content-length", b"0"))
        while more and declared <= 65536 and len(content) <= 65536:
            message = await receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        if max(declared, len(content)) > 65536:
            answer = problem_of(Request(scope), 413, "That is more than 64 KiB.")
            return await answer(scope, receive, say)
        waiting = [{"type": "http.request", "body": content, "more_body": False}]

        async def again():
            return waiting.pop() if waiting else await receive()

        with suppress(RuntimeError):  # has been answered, and is raised again
            await self.inner(scope, again, say)
        return None


def user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    name = KEYS.get(credentials.credentials)
    if name is None:
        raise HTTPException(401, "Nobody has that token.", {"WWW-Authenticate": "Bearer"})
    return name


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/debug/crash")
def crash() -> None:
    raise RuntimeError(f"bad key {os.environ['LLM_API_KEY']}")


@app.post("/query", dependencies=[Depends(user)])
async def query(request: Request, body: QueryRequest):
    if not places.acquire(blocking=False):
        raise HTTPException(503, "It is full.", {"Retry-After": "3"})
    try:
        probe = breaker.enter()
        call = Call(body, request.scope["request_id"])
        try:
            work = asyncio.create_task(asyncio.to_thread(call.run))
            while not work.done():
                await asyncio.wait({work}, timeout=0.1)
                if await request.is_disconnected():
                    call.stop()
                    call.outcome = "nothing"
            if call.stopped.is_set():
                call.outcome = "nothing"
            return await work
        finally:
            breaker.leave(probe, call.outcome)
    finally:
        places.release()


app = Ids(app)
