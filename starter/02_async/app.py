"""Many prompts in one request, a few calls at a time; and a blocking SDK, kept off the loop."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AliasPath, BaseModel, Field, ValidationError

import legacy_sdk

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))
MAX_CONCURRENCY = int(os.environ.get("MAX_CONCURRENCY", "5"))
MAX_BATCH = int(os.environ.get("MAX_BATCH", "32"))

Prompt = Annotated[str, Field(max_length=8000, pattern=r"\S")]
Batch = list[str]  # TODO(limits): 1 to MAX_BATCH items, each of them a Prompt; anything else -> 422
places = None  # TODO(bounded): MAX_CONCURRENCY places, shared by the calls of all batches


class QueryRequest(BaseModel):
    query: Prompt
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


class BatchItem(BaseModel):
    """The outcome of one prompt: an answer, or a sentence that says why there is none."""

    query: str
    response: str | None = None
    error: str | None = None
    tokens_used: int = 0


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "total_tokens"))]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    ) as client:
        yield {"client": client}


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    answer = await client.post(
        "/chat/completions",
        json={
            "model": LLM_MODEL,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
            "stream": False,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)


def explain(error: Exception) -> str:
    """Turn a failed call into the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return "The language model took too long to answer. Please try again."
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return "The language model is busy. Please try again later."
    return "The language model could not answer. Please try again."


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    # TODO(bounded): the call waits until one of the `places` is free, and gives it back.
    # TODO(partial): a call that failed -> an item whose `error` is the sentence from `explain`.
    completion = await ask_llm(client, prompt)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[Any]:
    """Answer the prompts of one batch, in their order."""
    # TODO(order): return the BatchItem of each prompt, as `answer_item` makes it.
    # TODO(concurrent): the calls of a batch are under way together.
    # TODO(responsive): nothing in here may block the event loop.
    return [
        legacy_sdk.complete(prompt, model=LLM_MODEL, temperature=0.7)["text"] for prompt in prompts
    ]


async def client_left(request: Request) -> None:
    """Return when the client has gone away."""
    # TODO(hang-up): `request.receive()` gives a message of type "http.disconnect" then.
    await asyncio.Event().wait()


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[Any]:
    """Answer a batch; drop the work when nobody is left to read it."""
    # TODO(hang-up): cancel the work when `client_left` returns before it is done.
    return await answer_all(request.state.client, prompts)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    # TODO(blocking): `complete` holds up its thread, and this one is the event loop's.
    # TODO(blocking): a LegacyError -> 502 with the sentence from `explain`.
    answer = legacy_sdk.complete(body.query, model=body.model, temperature=body.temperature)
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
