"""Plain `def` handlers in FastAPI's threads; idle http.client connections wait in a queue."""

import http.client
import json
import os
import queue
import select
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

LLM = urlsplit(os.environ["LLM_BASE_URL"])
KEY = os.environ["LLM_API_KEY"]
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS") or 30)
DEFAULT_MODEL = os.environ.get("LLM_MODEL") or "gpt-4"

idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()


class QueryRequest(BaseModel):
    model_config = ConfigDict(strict=True)

    query: str = Field(max_length=8000)
    model: str | None = None
    temperature: float = Field(0.7, ge=0, le=2)

    @field_validator("query")
    @classmethod
    def not_blank(cls, query: str) -> str:
        if query.isspace() or not query:
            raise ValueError("must not be blank")
        return query


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


class Upstream(Exception):
    def __init__(self, status: int, sentence: str, retry_after: str | None = None) -> None:
        self.status, self.sentence, self.retry_after = status, sentence, retry_after


def connection() -> http.client.HTTPConnection:
    """An idle connection that the LLM has not closed, or a new one."""
    while True:
        try:
            known = idle.get_nowait()
        except queue.Empty:
            return http.client.HTTPConnection(LLM.hostname or "", LLM.port, timeout=TIMEOUT)
        if known.sock is not None and not select.select([known.sock], [], [], 0)[0]:
            return known
        known.close()


def post(payload: dict) -> tuple[int, str | None, bytes]:
    line = connection()
    try:
        line.request(
            "POST",
            LLM.path + "/chat/completions",
            json.dumps(payload).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        answer = line.getresponse()
        content = answer.read()
    except TimeoutError:
        line.close()
        raise Upstream(504, "The LLM is too slow today.") from None
    except (OSError, http.client.HTTPException):
        line.close()
        raise Upstream(502, "The LLM is not there.") from None
    idle.put(line)
    return answer.status, answer.getheader("Retry-After"), content


def complete(asked: QueryRequest) -> QueryResponse:
    status, retry_after, content = post(
        {
            "model": asked.model or DEFAULT_MODEL,
            "messages": [{"content": asked.query, "role": "user"}],
            "temperature": asked.temperature,
            "stream": False,
        }
    )
    if status == 429:
        raise Upstream(503, "The LLM is busy right now.", retry_after)
    if status >= 300:
        raise Upstream(502, "The LLM reported a problem.")
    try:
        completion = json.loads(content)
        return QueryResponse(
            response=completion["choices"][0]["message"]["content"],
            model=completion.get("model") or "unknown",
            tokens_used=(completion.get("usage") or {}).get("total_tokens", 0),
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Upstream(502, "The LLM said something strange.") from None


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    while not idle.empty():
        idle.get_nowait().close()


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    fields = sorted({str(problem["loc"][-1]) for problem in error.errors()})
    return JSONResponse({"detail": "Please check: " + ", ".join(fields)}, 422)


@app.exception_handler(Upstream)
def failed(request: Request, error: Upstream) -> JSONResponse:
    headers = {"Retry-After": error.retry_after} if error.retry_after else {}
    return JSONResponse({"detail": error.sentence}, error.status, headers)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


EXAMPLES = {"short": {"value": {"query": "How deep is the sea?"}}}
FAILURES = {status: {"description": "The LLM failed"} for status in (502, 503, 504)}


@app.post("/query", responses=FAILURES)
def ask(asked: Annotated[QueryRequest, Body(openapi_examples=EXAMPLES)]) -> QueryResponse:
    return complete(asked)
