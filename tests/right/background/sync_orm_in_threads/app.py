"""Plain `def` handlers and SQLAlchemy's ORM; one thread writes, a local file remembers."""

import logging
import os
import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import Annotated

import anyio.to_thread
import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy import BigInteger, create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from callers import SANE_ID, User
from llm import (
    LLM_API_KEY,
    LLM_BASE_URL,
    LLM_TIMEOUT_SECONDS,
    Completion,
    QueryRequest,
    QueryResponse,
    explain,
    refuse,
)

log = logging.getLogger(__name__)
url = make_url(os.getenv("DATABASE_URL") or "sqlite:///./usage.db")
if url.drivername == "postgresql":
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    NOTES = "usage-notes.db"
else:
    engine = create_engine(url, connect_args={"timeout": 30})
    NOTES = f"{url.database}-notes.db"


class Base(DeclarativeBase):
    pass


class UsageLog(Base):
    __tablename__ = "usage_log"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    request_id: Mapped[str]
    user_id: Mapped[str]
    model: Mapped[str]
    tokens: Mapped[int]
    status: Mapped[str]
    duration_ms: Mapped[float]
    created_at: Mapped[datetime]  # naive, in UTC


class Notes:
    """What is still to be written, in a small database that nobody else opens."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.database = sqlite3.connect(NOTES, isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = NORMAL")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, request_id, user_id, model, "
            "tokens, status, duration_ms, created_at)"
        )

    def add(self, note: dict) -> None:
        names = ", ".join(note)
        marks = ", ".join(f":{name}" for name in note)
        values = note | {"created_at": note["created_at"].isoformat()}
        with self.lock:
            self.database.execute(f"INSERT INTO notes ({names}) VALUES ({marks})", values)

    def remove(self, note: dict) -> None:
        with self.lock:
            self.database.execute("DELETE FROM notes WHERE id = ?", (note["id"],))

    def all(self) -> Iterator[dict]:
        with self.lock, closing(self.database.execute("SELECT * FROM notes")) as found:
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
        for row in rows:
            yield row | {"created_at": datetime.fromisoformat(row["created_at"])}


def write(notes: Notes, note: dict) -> None:
    try:
        with Session(engine) as session:
            session.merge(UsageLog(**note))
            session.commit()
        notes.remove(note)
    except Exception:
        log.exception("usage of request %s is not in the log", note["request_id"])


@asynccontextmanager
async def lifespan(app: FastAPI):
    anyio.to_thread.current_default_thread_limiter().total_tokens = 64
    Base.metadata.create_all(engine)
    app.state.notes = Notes()
    app.state.pen = ThreadPoolExecutor(1)
    for note in app.state.notes.all():
        app.state.pen.submit(write, app.state.notes, note)
    with httpx.Client(timeout=LLM_TIMEOUT_SECONDS) as app.state.llm:
        yield
    await anyio.to_thread.run_sync(app.state.pen.shutdown)


app = FastAPI(lifespan=lifespan, exception_handlers={RequestValidationError: refuse})


def complete(client: httpx.Client, asked: QueryRequest, user: str) -> Completion:
    answer = client.post(
        f"{LLM_BASE_URL}/chat/completions",
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        json={
            "model": asked.model,
            "messages": [{"role": "user", "content": asked.query}],
            "temperature": asked.temperature,
            "user": user,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)


@app.post("/query")
def query(request: Request, response: Response, asked: QueryRequest, user: User) -> QueryResponse:
    sent = request.headers.get("x-request-id", "")
    request_id = sent if SANE_ID.fullmatch(sent) else f"req-{uuid.uuid4()}"
    response.headers["x-request-id"] = request_id
    note = {"id": secrets.randbits(62), "request_id": request_id, "user_id": user}
    begin = time.monotonic_ns()
    try:
        completion = complete(request.app.state.llm, asked, user)
        note |= {"model": completion.model, "tokens": completion.tokens, "status": "ok"}
        return QueryResponse(
            response=completion.text, model=completion.model, tokens_used=completion.tokens
        )
    except (httpx.HTTPError, ValidationError) as error:
        note |= {"model": asked.model, "tokens": 0, "status": "error"}
        problem = explain(error)
        headers = {**(problem.headers or {}), "x-request-id": request_id}
        raise HTTPException(problem.status_code, problem.detail, headers) from None
    finally:
        note["duration_ms"] = (time.monotonic_ns() - begin) / 1e6
        note["created_at"] = datetime.now(UTC).replace(tzinfo=None)
        request.app.state.notes.add(note)
        request.app.state.pen.submit(write, request.app.state.notes, note)


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


@app.get("/usage")
def usage(user: User, database: Annotated[Session, Depends(session)]) -> dict[str, object]:
    own = select(UsageLog.tokens).where(UsageLog.user_id == user).subquery()
    count, tokens = database.execute(select(func.count(), func.sum(own.c.tokens))).one()
    return {"user_id": user, "requests": count, "tokens": int(tokens or 0)}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
