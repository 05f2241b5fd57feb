"""A thread with http.client for each stream; who hangs up has the thread's socket shut down."""

import asyncio
import contextlib
import http.client
import json
import os
import socket
import threading
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

LLM = urlsplit(os.environ["LLM_BASE_URL"])
KEY = os.environ["LLM_API_KEY"]
TIMEOUT = float(os.environ.get("LLM_TIMEOUT_SECONDS") or 30)
HEARTBEAT = float(os.environ.get("HEARTBEAT_SECONDS") or 15)
DEFAULT_MODEL = os.environ.get("LLM_MODEL") or "gpt-4"


class QueryRequest(BaseModel):
    model_config = ConfigDict(strict=True)

    query: str = Field(max_length=8000)
    model: str | None = None
    temperature: float = Field(0.7, ge=0, le=2)

    @field_validator("query")
    @classmethod
    def not_blank(cls, query: str) -> str:
        if query.isspace() or not query:
            raise ValueError("must not be blank")
        return query


class Upstream(Exception):
    def __init__(self, status: int, sentence: str, retry_after: str | None = None) -> None:
        self.status, self.sentence, self.retry_after = status, sentence, retry_after


class Reader(threading.Thread):
    """Reads one answer of the LLM; what it finds is put into the queue of the event loop."""

    def __init__(self, asked: QueryRequest) -> None:
        super().__init__(daemon=True)
        self.asked = asked
        self.loop = asyncio.get_running_loop()
        self.found: asyncio.Queue[tuple[str, dict] | Upstream] = asyncio.Queue()
        self.line = http.client.HTTPConnection(LLM.hostname or "", LLM.port, timeout=TIMEOUT)
        self.socket: socket.socket | None = None
        self.left = False

    def tell(self, what: tuple[str, dict] | Upstream) -> None:
        self.loop.call_soon_threadsafe(self.found.put_nowait, what)

    def run(self) -> None:
        try:
            self.read()
        except TimeoutError:
            self.tell(Upstream(504, "The LLM is too slow today."))
        except (OSError, http.client.HTTPException):
            self.tell(Upstream(502, "The LLM has gone away."))
        except (ValueError, TypeError, LookupError, AttributeError):
            self.tell(Upstream(502, "The LLM said something strange."))
        except Upstream as failure:
            self.tell(failure)
        finally:
            self.line.close()

    def read(self) -> None:
        payload = {
            "stream_options": {"include_usage": True},
            "stream": True,
            "model": self.asked.model or DEFAULT_MODEL,
            "messages": [{"content": self.asked.query, "role": "user"}],
            "temperature": self.asked.temperature,
        }
        self.line.connect()
        self.socket = self.line.sock
        if self.left:
            return
        self.line.request(
            "POST",
            LLM.path + "/chat/completions",
            json.dumps(payload).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        answer = self.line.getresponse()
        if answer.status == 429:
            raise Upstream(503, "The LLM is busy right now.", answer.getheader("Retry-After"))
        if answer.status != 200:
            raise Upstream(502, "The LLM reported a problem.")
        self.follow(answer)

    def follow(self, answer: http.client.HTTPResponse) -> None:
        done: dict = {"finish_reason": None, "tokens_used": 0, "model": None}
        while line := answer.readline():
            data = line.strip().removeprefix(b"data:").strip()
            if not data or not line.startswith(b"data"):
                continue
            if data == b"[DONE]" and done["finish_reason"]:
                return self.tell(("done", done))
            chunk = json.loads(data)
            done["model"] = chunk["model"]
            done["tokens_used"] = (chunk.get("usage") or {}).get("total_tokens", 0)
            for choice in chunk["choices"]:
                done["finish_reason"] = choice.get("finish_reason")
                if text := choice["delta"].get("content"):
                    self.tell(("message", {"text": text}))
        raise Upstream(502, "The LLM stopped in the middle.")

    def leave(self) -> None:
        """Nobody reads on: wake the thread from its read and drop the call."""
        self.left = True
        if self.socket is not None:
            with contextlib.suppress(OSError):  # the thread was faster
                self.socket.shutdown(socket.SHUT_RDWR)


def framed(name: str, data: dict) -> str:
    lines = json.dumps(data, indent=1).split("\n")
    return "".join(f"data: {line}\n" for line in lines) + f"event: {name}\n\n"


async def events(reader: Reader, found: tuple[str, dict]):
    try:
        while True:
            yield framed(*found)
            if found[0] in ("done", "error"):
                return
            next_one = asyncio.ensure_future(reader.found.get())
            while not next_one.done():
                await asyncio.wait([next_one], timeout=HEARTBEAT)
                if not next_one.done():
                    yield ": the model is thinking\n"
            got = next_one.result()
            found = ("error", {"detail": got.sentence}) if isinstance(got, Upstream) else got
    finally:
        reader.leave()


app = FastAPI(title="LLM API")


@app.exception_handler(RequestValidationError)
def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    fields = sorted({str(problem["loc"][-1]) for problem in error.errors()})
    return JSONResponse({"detail": "Please check: " + ", ".join(fields)}, 422)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/stream")
async def stream(asked: QueryRequest):
    reader = Reader(asked)
    reader.start()
    found = await reader.found.get()
    if isinstance(found, Upstream):
        headers = {"Retry-After": found.retry_after} if found.retry_after else {}
        return JSONResponse({"detail": found.sentence}, found.status, headers)
    return StreamingResponse(
        events(reader, found),
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        },
    )
