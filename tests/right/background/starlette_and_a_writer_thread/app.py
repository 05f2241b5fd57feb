"""No FastAPI, no SQLAlchemy: a thread with a connection of its own, and an append-only journal."""

import asyncio
import hmac
import json
import logging
import math
import os
import queue
import sqlite3
import threading
import time
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

KEYS = json.loads(os.environ["API_KEYS"])
DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///./usage.db")
POSTGRES = DATABASE_URL.startswith("postgresql://")
DATABASE = DATABASE_URL.removeprefix("sqlite:///")
JOURNAL = Path("usage.journal.tmp" if POSTGRES else f"{DATABASE}.journal.tmp")
TABLE = """
    CREATE TABLE IF NOT EXISTS usage_log (
        id VARCHAR(40) PRIMARY KEY, request_id TEXT, user_id TEXT, model TEXT, tokens INTEGER,
        status TEXT, duration_ms DOUBLE PRECISION, created_at TEXT
    )
"""
COLUMNS = ("id", "request_id", "user_id", "model", "tokens", "status", "duration_ms", "created_at")
MARK = "%s" if POSTGRES else "?"
INSERT = (
    f"INSERT INTO usage_log ({', '.join(COLUMNS)}) VALUES ({', '.join(MARK for _ in COLUMNS)}) "
    "ON CONFLICT (id) DO NOTHING"
)
log = logging.getLogger("uvicorn.error")


def connect():
    if POSTGRES:
        return psycopg.connect(DATABASE_URL, autocommit=True)
    connection = sqlite3.connect(DATABASE, timeout=20, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


class Writer(threading.Thread):
    """Writes the rows it is given; None ends it."""

    def __init__(self, left_over):
        super().__init__()
        self.rows = queue.SimpleQueue()
        for row in left_over:
            self.rows.put(row)

    def run(self):
        connection = connect()
        while (row := self.rows.get()) is not None:
            try:
                connection.execute(INSERT, row)
            except Exception as error:
                log.error("could not log the usage of %s: %s", row[1], type(error).__name__)
        connection.close()

    def finish(self):
        self.rows.put(None)
        self.join(12)
        if not self.is_alive():
            JOURNAL.unlink(missing_ok=True)


class Journal:
    """Every row since the start, a line each. Begun anew when the rows of before are in."""

    def __init__(self):
        self.lock = threading.Lock()
        self.file = None

    def left_over(self):
        lines = JOURNAL.read_text().splitlines() if JOURNAL.exists() else []
        for line in lines:
            try:
                yield tuple(json.loads(line))
            except ValueError:  # the crash came in the middle of this line
                continue

    def append(self, row):
        with self.lock:
            if self.file is None:
                self.file = JOURNAL.open("a")
            self.file.write("\n" + json.dumps(row) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())


@asynccontextmanager
async def lifespan(app):
    connection = connect()
    connection.execute(TABLE)
    connection.close()
    app.state.journal = Journal()
    app.state.writer = Writer(list(app.state.journal.left_over()))
    app.state.writer.start()
    app.state.llm = httpx.AsyncClient(
        headers={"Authorization": "Bearer " + os.environ["LLM_API_KEY"]},
        timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
        limits=httpx.Limits(max_connections=None),
    )
    yield
    await app.state.llm.aclose()
    await asyncio.to_thread(app.state.writer.finish)


class Failed(Exception):
    """The call to the LLM failed: status and sentence for the caller, headers."""


async def complete(client, payload):
    try:
        answer = await client.post(os.environ["LLM_BASE_URL"] + "/chat/completions", json=payload)
    except httpx.TimeoutException:
        raise Failed(504, "The LLM is too slow.", {}) from None
    except httpx.HTTPError:
        raise Failed(502, "The LLM is not there.", {}) from None
    if answer.status_code == 429:
        retry_after = {"Retry-After": answer.headers.get("retry-after", "1")}
        raise Failed(503, "The LLM is busy.", retry_after)
    if answer.status_code != 200:
        raise Failed(502, "The LLM failed.", {})
    try:
        said = answer.json()
        text = said["choices"][0]["message"]["content"]
        return text, said["model"], said["usage"]["total_tokens"]
    except (ValueError, LookupError, TypeError):
        raise Failed(502, "The LLM was not understood.", {}) from None


def user_of(request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    for known, user in KEYS.items():
        same = hmac.compare_digest(token.encode("latin-1"), known.encode())
        if same and scheme.lower() == "bearer":
            return user
    return None


def unknown_caller():
    return JSONResponse({"detail": "Who are you?"}, 401, {"WWW-Authenticate": "Bearer"})


def payload_of(raw):
    """The body of the call to the LLM; ValueError when the request breaks a rule."""
    body = json.loads(raw)
    query, temperature = body["query"], body.get("temperature", 0.7)
    model = body.get("model", os.environ.get("LLM_MODEL", "gpt-4"))
    if not query.strip() or len(query) > 8000 or not isinstance(model, str):
        raise ValueError(query)
    if not math.isfinite(temperature) or not 0 <= temperature <= 2:
        raise ValueError(temperature)
    messages = [{"role": "user", "content": query}]
    return {"model": model, "messages": messages, "temperature": temperature}


def request_id_of(request):
    sent = request.headers.get("x-request-id", "")
    sane = 0 < len(sent) <= 128 and sent.isascii() and sent.isprintable() and " " not in sent
    return sent if sane else str(uuid.uuid4())


async def query(request):
    user = user_of(request)
    if user is None:
        return unknown_caller()
    try:
        payload = payload_of(await request.body())
    except (ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"detail": "Please check the request."}, 422)
    request_id, state = request_id_of(request), request.app.state
    begin = time.monotonic()
    try:
        text, model, tokens = await complete(state.llm, payload | {"user": user})
        status, response = (
            "ok",
            JSONResponse({"response": text, "model": model, "tokens_used": tokens}),
        )
    except Failed as failure:
        code, sentence, headers = failure.args
        model, tokens, status = payload["model"], 0, "error"
        response = JSONResponse({"detail": sentence}, code, headers)
    took = (time.monotonic() - begin) * 1000
    now = datetime.now(UTC).isoformat()
    row = (str(uuid.uuid4()), request_id, user, model, tokens, status, took, now)
    await asyncio.to_thread(state.journal.append, row)
    state.writer.rows.put(row)
    response.headers["X-Request-ID"] = request_id
    return response


def add_up(user):
    connection = connect()
    try:
        select = f"SELECT COUNT(*), COALESCE(SUM(tokens), 0) FROM usage_log WHERE user_id = {MARK}"
        return connection.execute(select, (user,)).fetchone()
    finally:
        connection.close()


async def usage(request):
    user = user_of(request)
    if user is None:
        return unknown_caller()
    requests, tokens = await asyncio.to_thread(add_up, user)
    return JSONResponse({"user_id": user, "requests": requests, "tokens": tokens})


async def health(request):
    return JSONResponse({"status": "ok"})


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/query", query, methods=["POST"]),
        Route("/usage", usage),
        Route("/health", health),
    ],
)
