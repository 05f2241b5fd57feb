"""POST /query on a bad day: every failure in one shape, and none of them makes others."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request

from callers import User
from llm import make_client
from middleware import BodyLimit, LastResort, RequestId
from problems import REFUSALS
from protection import Breaker, Places, unless_gone
from query import QueryRequest, QueryResponse
from retrying import ask_llm

logging.basicConfig(format="%(levelname)s %(message)s")
logging.getLogger("errors").setLevel(logging.INFO)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client, one breaker and one set of places for the life of the process."""
    async with make_client() as client:
        yield {"client": client, "breaker": Breaker(), "places": Places()}


app = FastAPI(title="LLM API", lifespan=lifespan, exception_handlers=REFUSALS)
app.add_middleware(BodyLimit)
app.add_middleware(LastResort)
app.add_middleware(RequestId)  # the last one added is the first to see a request


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.get("/debug/crash")
async def crash() -> None:
    """Fail as nobody expects it, with a secret in the exception."""
    raise RuntimeError(f"The key {os.environ.get('LLM_API_KEY')} was not accepted.")


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question of a known user, or say in one shape why not."""
    state = request.state
    with state.places.take(), state.breaker.guard():
        headers = {"X-Request-ID": state.request_id}
        return await unless_gone(request, ask_llm(state.client, body, headers))
