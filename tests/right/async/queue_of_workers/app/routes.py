"""The routes: they fill the queue and wait."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

import anyio
import anyio.to_thread
import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

import legacy_sdk
from app.workers import Item, work

LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
MAX_BATCH = int(os.environ.get("MAX_BATCH", "32"))

Prompt = Annotated[str, Field(max_length=8000, pattern=r"\S")]


class QueryRequest(BaseModel):
    query: Prompt
    model: str = LLM_MODEL
    temperature: float = Field(0.7, ge=0, le=2, allow_inf_nan=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.queue = asyncio.Queue()
    async with (
        httpx.AsyncClient(
            base_url=os.environ["LLM_BASE_URL"],
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
        ) as client,
        anyio.create_task_group() as crew,
    ):
        for _ in range(int(os.environ.get("MAX_CONCURRENCY", "5"))):
            crew.start_soon(work, app.state.queue, client, LLM_MODEL)
        yield
        crew.cancel_scope.cancel()


app = FastAPI(lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> Response:
    return Response('{"detail": "This request is not valid."}', 422)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/batch-query")
async def batch_query(
    prompts: Annotated[list[Prompt], Field(min_length=1, max_length=MAX_BATCH)], request: Request
) -> list[dict[str, Any]]:
    items = [Item(prompt) for prompt in prompts]
    for item in items:
        app.state.queue.put_nowait(item)
    async with anyio.create_task_group() as group:
        group.start_soon(drop_when_left, request, items)
        for item in items:
            await item.answered.wait()
        group.cancel_scope.cancel()
    return [item.as_json() for item in items]


async def drop_when_left(request: Request, items: list[Item]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    for item in items:
        item.drop()


@app.post("/legacy-query")
async def legacy_query(body: QueryRequest) -> dict[str, Any]:
    call = partial(legacy_sdk.complete, body.query, model=body.model, temperature=body.temperature)
    try:
        answer = await anyio.to_thread.run_sync(call)
    except legacy_sdk.LegacyError:
        raise HTTPException(502, "The model could not be reached.") from None
    return {"response": answer["text"], "model": answer["model"], "tokens_used": answer["tokens"]}
