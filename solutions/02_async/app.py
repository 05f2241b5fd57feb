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
Batch = Annotated[list[Prompt], Field(min_length=1, max_length=MAX_BATCH)]
places = asyncio.Semaphore(MAX_CONCURRENCY)


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
    try:
        async with places:
            completion = await ask_llm(client, prompt)
    except (httpx.HTTPError, ValidationError) as error:
        return BatchItem(query=prompt, error=explain(error))
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))


async def client_left(request: Request) -> None:
    """Return when the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


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
async def batch_query(request: Request, prompts: Batch) -> list[BatchItem]:
    """Answer a batch; drop the work when nobody is left to read it."""
    answers = asyncio.create_task(answer_all(request.state.client, prompts))
    leaving = asyncio.create_task(client_left(request))
    try:
        await asyncio.wait((answers, leaving), return_when=asyncio.FIRST_COMPLETED)
        return answers.result() if answers.done() else []
    finally:
        leaving.cancel()
        answers.cancel()


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    try:
        answer = await run_in_threadpool(
            legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature
        )
    except legacy_sdk.LegacyError as error:
        raise HTTPException(502, explain(error)) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
