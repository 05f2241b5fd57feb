"""What the framework has: max_body_size, exception handlers, an http middleware, dependencies."""

import asyncio
import json
import logging
import math
import random
import secrets
import string
import time
from contextlib import asynccontextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import Annotated

import anyio
import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings
from starlette.exceptions import HTTPException as StarletteHTTPException


class Settings(BaseSettings):
    api_keys: dict[str, str]
    llm_base_url: str
    llm_api_key: str
    llm_model: str = "gpt-4"
    llm_timeout_seconds: float = 30
    request_deadline_seconds: float = 60
    breaker_reset_seconds: float = 30
    max_in_flight: int = 100
    allowed_models: str = ""


settings = Settings()
MODELS = list(filter(None, map(str.strip, settings.allowed_models.split(","))))
MOST = 64 * 1024
VISIBLE = set(string.ascii_letters + string.digits + string.punctuation)
request_id: ContextVar[str] = ContextVar("request_id", default="-")
log = logging.getLogger("llm-api")
logging.basicConfig(level=logging.INFO, format="%(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)


class Question(BaseModel):
    query: Annotated[str, Field(max_length=8000, pattern=r"\S")]
    model: str = settings.llm_model
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7

    @field_validator("model")
    @classmethod
    def known(cls, model: str, info: ValidationInfo) -> str:
        if MODELS and model not in MODELS:
            raise ValueError(f"{info.field_name} is one of {MODELS}")
        return model


class Passing(Exception):
    def __init__(self, then: HTTPException, wait: float = 0, outage: bool = True):
        self.then, self.wait, self.outage = then, wait, outage


class Down(HTTPException):
    """A 502 or 504 that is the LLM's own fault."""


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(
        headers={"Authorization": f"Bearer {settings.llm_api_key}"},
        timeout=settings.llm_timeout_seconds,
        limits=httpx.Limits(max_connections=None),
    ) as app.state.client:
        app.state.inside = set()
        app.state.row = 0
        app.state.open_until = 0.0
        app.state.probe = None
        yield


app = FastAPI(lifespan=lifespan)


def document(status: int, detail: str, headers=None, rid=None, **more) -> JSONResponse:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    content |= {"detail": detail, "request_id": rid or request_id.get(), **more}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


@app.middleware("http")
async def with_id(request: Request, call_next):
    sent = request.headers.get("x-request-id", "")
    sane = 0 < len(sent) <= 128 and set(sent) <= VISIBLE
    request.state.request_id = sent if sane else secrets.token_hex(8)
    request_id.set(request.state.request_id)
    if int(request.headers.get("content-length", 0)) > MOST or len(await request.body()) > MOST:
        response = document(413, "Too much.")  # max_body_size would say so in plain text
    else:
        response = await call_next(request)
    response.headers["X-Request-ID"] = request_id.get()
    log.info(json.dumps({"id": request_id.get(), "status": response.status_code}))
    return response


@app.exception_handler(StarletteHTTPException)
async def http_problem(request: Request, error: StarletteHTTPException):
    if error.status_code == 400:
        return document(422, "The body cannot be read.")
    return document(error.status_code, str(error.detail), error.headers)


@app.exception_handler(RequestValidationError)
async def input_problem(request: Request, error: RequestValidationError):
    errors = [{"pointer": "/".join(map(str, e["loc"])), "detail": e["msg"]} for e in error.errors()]
    return document(422, "Your request is not valid.", errors=errors)


@app.exception_handler(Exception)
async def crash_problem(request: Request, error: Exception):
    """Starlette calls this outside of every middleware, and raises the exception again."""
    rid = request.state.request_id
    log.error("unhandled %s in request %s", type(error).__name__, rid)
    return document(500, "An unexpected failure.", {"X-Request-ID": rid}, rid)


async def known(credentials: Annotated[object, Depends(HTTPBearer())]) -> None:
    token = credentials.credentials.encode()
    if not any(secrets.compare_digest(token, key.encode()) for key in settings.api_keys):
        raise HTTPException(401, "Unknown token.", {"WWW-Authenticate": "Bearer"})


async def place(request: Request):
    inside = request.app.state.inside
    if len(inside) >= settings.max_in_flight:
        raise HTTPException(503, "Full.", {"Retry-After": "1"})
    inside.add(request)
    try:
        yield
    finally:
        inside.discard(request)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/debug/crash")
async def crash():
    raise RuntimeError("key: " + settings.llm_api_key)


async def call(client: httpx.AsyncClient, question: Question):
    payload = {
        "model": question.model,
        "temperature": question.temperature,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": question.query},
        ],
    }
    url = settings.llm_base_url + "/chat/completions"
    try:
        answer = await client.post(url, json=payload, headers={"X-Request-ID": request_id.get()})
    except httpx.TimeoutException:
        raise Down(504, "The model was too slow.") from None
    except httpx.TransportError:
        raise Passing(Down(502, "The model is away.")) from None
    wait = answer.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdigit() else 0.0
    match answer.status_code:
        case 429:
            then = HTTPException(503, "The model is busy.", {"Retry-After": wait or "1"})
            raise Passing(then, seconds)
        case status if status >= 500:
            raise Passing(Down(502, "The model fails."), seconds)
        case status if status >= 400:
            raise HTTPException(502, "The model refuses.")
    try:
        said = answer.json()
        return {
            "response": said["choices"][0]["message"]["content"],
            "model": said["model"],
            "tokens_used": said["usage"]["total_tokens"],
        }
    except (ValueError, LookupError, TypeError):
        raise Down(502, "The model is confused.") from None


async def persist(client: httpx.AsyncClient, question: Question):
    with anyio.move_on_after(settings.request_deadline_seconds) as scope:
        for last in (False, False, True):
            try:
                return await call(client, question)
            except Passing as failure:
                pause = max(failure.wait, 0.05) + random.expovariate(20)
                if last or anyio.current_time() + pause > scope.deadline:
                    raise failure.then from None
            await anyio.sleep(pause)
    raise Down(504, "The deadline has passed.")


async def protected(state, question: Question):
    probe = state.row >= 5
    if probe:
        left = state.open_until - time.monotonic()
        if left > 0 or state.probe:
            seconds = str(max(1, math.ceil(left)))
            raise HTTPException(503, "The model is down.", {"Retry-After": seconds})
        state.probe = question
    try:
        answer = await persist(state.client, question)
        state.row = 0
        return answer
    except Down:
        state.row += 1
        state.open_until = time.monotonic() + settings.breaker_reset_seconds
        raise
    finally:
        if probe:
            state.probe = None


@app.post(
    "/query",
    max_body_size=64 * 1024,
    dependencies=[Depends(known), Depends(place, scope="function")],
)
async def query(request: Request, question: Question):
    async with asyncio.TaskGroup() as group:
        work = group.create_task(safely(protected(request.app.state, question)))

        async def listen():
            while (await request.receive())["type"] != "http.disconnect":
                pass
            work.cancel()

        listener = group.create_task(listen())
        await asyncio.wait({work})
        listener.cancel()
    if work.cancelled():
        raise HTTPException(408, "Nobody is listening.")
    result = work.result()
    if isinstance(result, HTTPException):
        raise result
    return result


async def safely(work):
    """A task group wraps what its tasks raise; hand it over as a value instead."""
    try:
        return await work
    except HTTPException as error:
        return error
