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

Batch = list[str]  # TODO(limits): 1 to MAX_BATCH items, each of them a Prompt; anything else -> 422
places = None  # TODO(bounded): MAX_CONCURRENCY places, shared by the calls of all batches


class BatchItem(BaseModel):
    """The outcome of one prompt: an answer, or a sentence that says why there is none."""

    query: str
    response: str | None = None
    error: str | None = None
    tokens_used: int = 0


async def answer_item(client: httpx.AsyncClient, prompt: str) -> BatchItem:
    """Ask for one prompt once there is a place; a failure is an outcome, not an exception."""
    # TODO(bounded): the call waits until one of the `places` is free, and gives it back.
    # TODO(partial): a call that failed -> an item whose `error` is the `detail` of `explain`.
    completion = await ask_llm(client, prompt)
    return BatchItem(query=prompt, response=completion.text, tokens_used=completion.tokens)


async def answer_all(client: httpx.AsyncClient, prompts: list[str]) -> list[object]:
    """Answer the prompts of one batch, in their order."""
    # TODO(order): return the BatchItem of each prompt, as `answer_item` makes it.
    # TODO(concurrent): the calls of a batch are under way together.
    # TODO(responsive): nothing in here may block the event loop.
    return [
        legacy_sdk.complete(prompt, model="gpt-4", temperature=0.7)["text"] for prompt in prompts
    ]


async def client_left(request: Request) -> None:
    """Return when the client has gone away."""
    # TODO(hang-up): `request.receive()` gives a message of type "http.disconnect" then.
    await asyncio.Event().wait()


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/batch-query")
async def batch_query(request: Request, prompts: Batch) -> list[object]:
    """Answer a batch; drop the work when nobody is left to read it."""
    # TODO(hang-up): cancel the work when `client_left` returns before it is done.
    return await answer_all(request.state.client, prompts)


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> QueryResponse:
    """Answer one question with the blocking SDK, in a thread that may wait for it."""
    # TODO(blocking): `complete` holds up its thread, and this one is the event loop's.
    # TODO(blocking): a LegacyError -> raise what `explain` makes of it.
    answer = legacy_sdk.complete(body.query, model=body.model, temperature=body.temperature)
    return QueryResponse(
        response=answer["text"], model=answer["model"], tokens_used=answer["tokens"]
    )
