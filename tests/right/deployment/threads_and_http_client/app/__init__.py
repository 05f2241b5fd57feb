"""Handlers in threads, http.client for the LLM, and a thread that sees the process out."""

import http.client
import json
import os
import queue
import threading
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

LLM = urlsplit(os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1"))
leaving = threading.Event()
lock = threading.Lock()
streams: set["queue.SimpleQueue[str | None]"] = set()
app = FastAPI()


class Question(BaseModel):
    query: Annotated[str, Field(min_length=1, max_length=8000)]
    model: str = os.environ.get("LLM_MODEL", "gpt-4")
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7


def call(question: Question, **more: Any) -> http.client.HTTPResponse:
    kind = http.client.HTTPSConnection if LLM.scheme == "https" else http.client.HTTPConnection
    seconds = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
    connection = kind(LLM.hostname or "", LLM.port, timeout=seconds)
    body = {
        "model": question.model,
        "messages": [{"role": "user", "content": question.query}],
        "temperature": question.temperature,
        **more,
    }
    headers = {
        "Authorization": f"Bearer {os.environ.get('LLM_API_KEY', '')}",
        "Content-Type": "application/json",
    }
    connection.request("POST", f"{LLM.path}/chat/completions", json.dumps(body), headers)
    return connection.getresponse()


@app.get("/health")
@app.get("/livez")
def alive() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz")
def ready() -> JSONResponse:
    return JSONResponse({"ready": not leaving.is_set()}, 503 if leaving.is_set() else 200)


@app.post("/query")
def query(question: Question) -> dict[str, Any]:
    answer = json.loads(call(question).read())
    return {
        "response": answer["choices"][0]["message"]["content"],
        "model": answer["model"],
        "tokens_used": answer["usage"]["total_tokens"],
    }


def read(question: Question, events: "queue.SimpleQueue[str | None]") -> None:
    end: dict[str, Any] = {"model": None, "tokens_used": 0, "finish_reason": None}
    for line in call(question, stream=True, stream_options={"include_usage": True}):
        if line.startswith(b"data: {"):
            chunk = json.loads(line[6:])
            end["model"] = chunk["model"]
            end["tokens_used"] = (chunk.get("usage") or {}).get("total_tokens", 0)
            for choice in chunk["choices"]:
                end["finish_reason"] = choice.get("finish_reason") or end["finish_reason"]
                if text := choice["delta"].get("content"):
                    events.put(f"data: {json.dumps({'text': text})}\r\n\r\n")
    events.put(f"event: done\r\ndata: {json.dumps(end)}\r\n\r\n")
    events.put(None)


@app.post("/stream")
def stream(question: Question) -> StreamingResponse:
    events: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with lock:
        streams.add(events)
    threading.Thread(target=read, args=(question, events), daemon=True).start()

    def body() -> Iterator[str]:
        try:
            yield from iter(events.get, None)
        finally:
            with lock:
                streams.discard(events)

    return StreamingResponse(body(), media_type="text/event-stream")


def end_streams() -> None:
    """Say to everybody who still listens that this was it."""
    with lock:
        for events in streams:
            events.put('event: error\r\ndata: {"detail": "The server has to go."}\r\n\r\n')
            events.put(None)
