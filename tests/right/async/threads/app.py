"""Right without `await` around a call: plain `def` handlers, one pool of threads, http.client."""

import asyncio
import http.client
import json
import os
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

import legacy_sdk

LLM = urlsplit(os.environ["LLM_BASE_URL"])
LLM_API_KEY = os.environ["LLM_API_KEY"]
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))

callers = ThreadPoolExecutor(int(os.environ.get("MAX_CONCURRENCY", "5")))
app = FastAPI()


def not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Prompt = Annotated[str, Field(max_length=8000), AfterValidator(not_blank)]
Prompts = Annotated[
    list[Prompt], Field(min_length=1, max_length=int(os.environ.get("MAX_BATCH", "32")))
]


class QueryRequest(BaseModel):
    query: Prompt
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


class Visit:
    """The connections to the LLM that one client's request has open; `leave` cuts them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []
        self._calls: list[Future[dict[str, Any]]] = []
        self.left = False

    def submit(self, prompt: str) -> Future[dict[str, Any]]:
        with self._lock:
            call = callers.submit(outcome, prompt, self)
            self._calls.append(call)
            if self.left:
                call.cancel()
        return call

    def keep(self, connection: http.client.HTTPConnection) -> None:
        """Remember a connection; ConnectionError when the client has left already."""
        with self._lock:
            if self.left:
                raise ConnectionError("the client has left")
            self._connections.append(connection)

    def leave(self) -> None:
        with self._lock:
            self.left = True
            for call in self._calls:
                call.cancel()
            for connection in self._connections:
                with suppress(OSError, AttributeError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


async def watch(request: Request, visit: Visit) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    visit.leave()


async def visiting(request: Request) -> AsyncIterator[Visit]:
    """A Visit that ends when the client leaves, though its handler blocks a thread."""
    visit = Visit()
    watching = asyncio.create_task(watch(request, visit))
    yield visit
    watching.cancel()


def ask(prompt: str, visit: Visit) -> tuple[int, bytes]:
    """One call over a connection of its own; the status and the body of the answer."""
    connect = http.client.HTTPSConnection if LLM.scheme == "https" else http.client.HTTPConnection
    connection = connect(LLM.hostname or "", LLM.port, timeout=LLM_TIMEOUT_SECONDS)
    try:
        connection.connect()
        visit.keep(connection)
        body = {
            "model": LLM_MODEL,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
            "stream": False,
        }
        headers = {"Authorization": f"Bearer {LLM_API_KEY}", "Content-Type": "application/json"}
        connection.request("POST", f"{LLM.path}/chat/completions", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def outcome(prompt: str, visit: Visit) -> dict[str, Any]:
    item = {"query": prompt, "response": None, "error": None, "tokens_used": 0}
    try:
        status, received = ask(prompt, visit)
        if status != 200:
            return item | {"error": "The language model sent no answer."}
        completion = json.loads(received)
        text = completion["choices"][0]["message"]["content"]
        return item | {"response": text, "tokens_used": completion["usage"]["total_tokens"]}
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return item | {"error": "The language model could not be asked."}


@app.exception_handler(RequestValidationError)
def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"detail": error.errors()[0]["msg"]}, 422)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/batch-query")
def batch_query(
    prompts: Prompts, visit: Annotated[Visit, Depends(visiting)]
) -> list[dict[str, Any]]:
    calls = [visit.submit(prompt) for prompt in prompts]
    try:
        return [call.result() for call in calls]
    except CancelledError:
        return []


@app.post("/legacy-query")
def legacy_query(body: QueryRequest) -> QueryResponse:
    try:
        answer = legacy_sdk.complete(body.query, model=body.model, temperature=body.temperature)
    except legacy_sdk.LegacyError:
        raise HTTPException(502, "The language model could not be asked.") from None
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
