"""Many prompts in one request, a few calls at a time; and a blocking SDK, kept off the loop."""

import asyncio
import os
from typing import Annotated

import httpx
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

import legacy_sdk
from llm import LLM_ERRORS, ask_llm, explain, lifespan
from query import REFUSALS, Prompt, QueryRequest, QueryResponse

MAX_CONCURRENCY = int(os.environ.get("MAX_CONCURRENCY", "5"))
MAX_BATCH = int(os.environ.get("MAX_BATCH", "32"))

Batch = Annotated[list[Prompt], Field(min_length=1, max_length=MAX_BATCH)]
places = asyncio.Semaphore(MAX_CONCURRENCY)


class BatchItem(BaseModel):
    """The outcome of one prompt: an answer, or a sentence that says why there is none."""

    query: str
    response: str | None = None
    error: str | None = None
    tokens_used: int = 0


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    try:
        async with places:
            completion = await ask_llm(client, prompt)
    except LLM_ERRORS as error:
        return BatchItem(query=prompt, error=explain(error).detail)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[BatchItem]:
    """Answer the prompts of one batch, in their order."""
    return await asyncio.gather(*(answer_item(client, prompt) for prompt in prompts))


async def client_left(request: Request) -> None:
    """Return when the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)


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
        raise explain(error) from error
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
