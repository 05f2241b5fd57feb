"""POST /query with a cache: an answer that was paid for once is not paid for again."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from redis import RedisError

from cache import MemoryCache, RedisCache
from llm import Completion, QueryRequest, QueryResponse, ask_llm, open_client, refuse

CACHE_URL = os.environ.get("CACHE_URL", "memory://")
CACHE_TTL_SECONDS = float(os.environ.get("CACHE_TTL_SECONDS", "3600"))
CACHE_MAX_ENTRIES = int(os.environ.get("CACHE_MAX_ENTRIES", "1000"))

Answer = tuple[QueryResponse, str]  # with its X-Cache: HIT, MISS or BYPASS

cache = (
    MemoryCache(CACHE_TTL_SECONDS, CACHE_MAX_ENTRIES)
    if CACHE_URL.startswith("memory:")
    else RedisCache(CACHE_URL, CACHE_TTL_SECONDS)
)
under_way: dict[str, asyncio.Task[Answer]] = {}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with open_client() as client:
        yield {"client": client}
    await cache.close()


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry: equal for equal questions of one tenant, and for nothing else."""
    parts = json.dumps([tenant, body.model, body.temperature, body.query])
    return "answer:" + hashlib.sha256(parts.encode()).hexdigest()


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`, and its X-Cache: HIT, MISS, or BYPASS if it is lost."""
    try:
        text = await cache.get(key)
    except RedisError:
        return None, "BYPASS"
    if text is None:
        return None, "MISS"
    return QueryResponse.model_validate_json(text), "HIT"


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one; MISS, or BYPASS if the cache is lost."""
    if completion.finish_reason == "stop":
        try:
            await cache.put(key, completion.response().model_dump_json())
        except RedisError:
            return "BYPASS"
    return "MISS"


async def find_or_ask(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The answer from the cache, or else from the LLM and then into the cache."""
    known, source = await look_up(key)
    if known is not None:
        return known, source
    completion = await ask_llm(client, body)
    if source == "MISS":
        source = await keep(key, completion)
    return completion.response(), source


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`; who comes while an equal question is under way waits for its answer."""
    if key in under_way:
        answer, source = await asyncio.shield(under_way[key])
        return answer, "HIT" if source == "MISS" else source  # it was paid for once
    under_way[key] = asyncio.create_task(find_or_ask(client, body, key))
    under_way[key].add_done_callback(lambda _: under_way.pop(key))
    return await asyncio.shield(under_way[key])


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    completion = await ask_llm(client, body)
    await keep(key, completion)
    return completion.response(), "BYPASS"


app = FastAPI(
    title="LLM API", lifespan=lifespan, exception_handlers={RequestValidationError: refuse}
)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/query")
async def query(
    request: Request,
    response: Response,
    body: QueryRequest,
    tenant: Annotated[str, Header(alias="X-Tenant-ID")] = "public",
    cache_control: Annotated[str, Header()] = "",
) -> QueryResponse:
    """Answer one question; `X-Cache` says where the answer comes from."""
    ask = ask_afresh if "no-cache" in cache_control.lower() else ask_once
    answer, response.headers["X-Cache"] = await ask(
        request.state.client, body, key_of(tenant, body)
    )
    return answer
