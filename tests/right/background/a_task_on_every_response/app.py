"""Background tasks after all: every answer, good or bad, is a response that carries its own."""

# without: durable

import logging
import os
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import (
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from starlette.background import BackgroundTask

from callers import RequestId, User
from llm import QueryRequest, ask_llm, make_client, refuse

log = logging.getLogger("usage")
url = make_url(os.environ.get("DATABASE_URL", "sqlite:///usage.db"))
if url.get_backend_name() == "sqlite":
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60})
else:
    engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_size=10)

tables = MetaData()
usage_log = Table(
    "usage_log",
    tables,
    Column("id", Integer, primary_key=True),
    Column("request_id", Text),
    Column("user_id", Text),
    Column("model", Text),
    Column("tokens", Integer),
    Column("status", Text),
    Column("duration_ms", Float),
    Column("created_at", DateTime(timezone=True)),
)


def write(values: dict) -> None:
    """Runs in a thread, when the answer has left; uvicorn waits for it at the end."""
    try:
        with engine.begin() as connection:
            connection.execute(insert(usage_log), values)
    except Exception as error:
        log.error("request %s left no row: %s", values["request_id"], error.__class__.__name__)


@asynccontextmanager
async def lifespan(app: FastAPI):
    tables.create_all(engine)
    async with make_client() as client:
        yield {"llm": client}


app = FastAPI(lifespan=lifespan, exception_handlers={RequestValidationError: refuse})
app.add_middleware(RequestId)


@app.post("/query")
async def query(request: Request, asked: QueryRequest, user: User) -> JSONResponse:
    values = {"request_id": request.state.request_id, "user_id": user, "model": asked.model}
    begin = time.perf_counter()
    try:
        answer = await ask_llm(request.state.llm, asked, user)
    except HTTPException as failure:
        values |= {"tokens": 0, "status": "error"}
        detail = {"detail": failure.detail}
        response = JSONResponse(detail, failure.status_code, failure.headers)
    else:
        values |= {"model": answer.model, "tokens": answer.tokens_used, "status": "ok"}
        response = JSONResponse(answer.model_dump())
    values["duration_ms"] = 1000 * (time.perf_counter() - begin)
    values["created_at"] = datetime.now(UTC)
    response.background = BackgroundTask(write, values)
    return response


OWN = text("SELECT COUNT(*), SUM(tokens) FROM usage_log WHERE user_id = :user")


@app.get("/usage")
def usage(user: User) -> dict[str, object]:
    with engine.connect() as connection:
        count, tokens = connection.execute(OWN, {"user": user}).one()
    return {"user_id": user, "requests": count, "tokens": tokens or 0}


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
