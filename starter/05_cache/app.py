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
    # TODO(key): name everything that the answer depends on, in a way that no two lists of parts
    # come out as one text. Make a short name of it that is the same in every process.
    return body.query


async def look_up(key: str) -> tuple[QueryResponse | None, str]:
    """What the cache has under `key`, and its X-Cache: HIT, MISS, or BYPASS if it is lost."""
    # TODO(hit): get the text that `keep` has put there and read it as a QueryResponse: that is a
    # HIT. No text is a MISS.
    # TODO(degraded): a cache that cannot be reached raises RedisError. That is no reason to fail.
    return None, "MISS"


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one; MISS, or BYPASS if the cache is lost."""
    # TODO(hit): put `completion.response()` into the cache, as JSON.
    # TODO(only-good): but not an answer that the LLM did not finish.
    # TODO(degraded): the answer is there and paid for, whatever happens to the cache.
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
    # TODO(stampede): the first to ask leaves a task in `under_way`, where the others find it; all
    # await the same task, and get the same answer or the same error. It goes when it is done.
    return await find_or_ask(client, body, key)


async def ask_afresh(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """The LLM's answer of now, which takes the place of what the cache had."""
    # TODO(bypass): ask without looking, and keep what comes.
    return await find_or_ask(client, body, key)


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
