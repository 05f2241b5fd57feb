"""POST /query leaves a row in the usage log, whatever happens; GET /usage adds them up."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from callers import RequestId, User
from llm import QueryRequest, QueryResponse, ask_llm, make_client, refuse
from usage import Row, open_log, record, totals


class Usage(BaseModel):
    """What a user has asked for until now."""

    user_id: str
    requests: int
    tokens: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """The LLM's client and the usage log live as long as the process; the log is closed first."""
    async with make_client() as client, open_log() as log:
        yield {"client": client, "log": log}


app = FastAPI(
    title="LLM API", lifespan=lifespan, exception_handlers={RequestValidationError: refuse}
)
app.add_middleware(RequestId)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/query")
async def query(request: Request, body: QueryRequest, user: User) -> QueryResponse:
    """Answer one question, and leave a row that says who asked and what it cost."""
    # TODO(row): make a Row with all the columns of `usage_log`, and hand it to `record`. Its `id`
    # is new (uuid4().hex), the id of the request is in `request.state.request_id`. The LLM says
    # which model answered and what it took; `duration_ms` is the time of its call, `created_at`
    # is UTC.
    # TODO(failures): a call that failed leaves a row as well: status "error", 0 tokens, and the
    # model that was asked for. The caller gets the HTTPException of `ask_llm` all the same.
    return await ask_llm(request.state.client, body, user)


@app.get("/usage")
async def usage(request: Request, user: User) -> Usage:
    """How often the caller has asked, and how many tokens that took."""
    requests, tokens = await totals(request.state.log, user)
    return Usage(user_id=user, requests=requests, tokens=tokens)
