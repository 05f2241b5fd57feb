"""Plain `def` handlers in threads; a list of times for each user, under a lock."""
# without: shared

import hashlib
import json
import math
import os
import threading
import time
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Refusal(Exception):
    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.detail, self.headers = status, detail, headers


class Log:
    """When each key was let in, for one window; a refused call leaves no trace."""

    def __init__(self, limit: str) -> None:
        amount, _, unit = limit.partition("/")
        self.amount, self.window = int(amount), SECONDS[unit.strip().rstrip("s")]
        self.times: defaultdict[str, deque[float]] = defaultdict(deque)
        self.lock = threading.Lock()

    def enter(self, key: str) -> dict[str, str]:
        """The headers for a key that is let in; `Refusal` for one that is not."""
        with self.lock:
            now, times = time.monotonic(), self.times[key]
            while times and now - times[0] > self.window:
                times.popleft()
            room = len(times) < self.amount
            if room:
                times.append(now)
            wait = math.floor(times[0] + self.window - now) + 1
            left = self.amount - len(times)
        headers = {
            "X-RateLimit-Limit": str(self.amount),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(wait),
        }
        if not room:
            raise Refusal(429, "Too many calls.", {**headers, "Retry-After": str(wait)})
        return headers


calls = Log(os.environ.get("RATE_LIMIT") or "10/minute")
guesses = Log(os.environ.get("AUTH_FAILURE_LIMIT") or "20/minute")
users: dict[str, str] = {}


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


@asynccontextmanager
async def lifespan(app: FastAPI):
    try:
        keys = json.loads(os.environ.get("API_KEYS", ""))
    except json.JSONDecodeError:
        raise RuntimeError("API_KEYS is not JSON") from None
    if not isinstance(keys, dict) or not keys:
        raise RuntimeError("API_KEYS has no keys")
    users.update((fingerprint(token), user) for token, user in keys.items())
    with httpx.Client(
        base_url=os.environ["LLM_BASE_URL"],
        headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
        timeout=float(os.environ.get("LLM_TIMEOUT_SECONDS", "30")),
    ) as client:
        yield {"client": client}


app = FastAPI(lifespan=lifespan)


@app.exception_handler(Refusal)
def refused(request: Request, refusal: Refusal) -> JSONResponse:
    return JSONResponse({"detail": refusal.detail}, refusal.status, refusal.headers)


class Query(BaseModel):
    query: str = Field(min_length=1, max_length=8000)
    model: str = os.environ.get("LLM_MODEL", "gpt-4")
    temperature: float = Field(0.7, ge=0, le=2)


def caller(request: Request, authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and (user := users.get(fingerprint(token))):
        return user
    guesses.enter(request.client.host)
    raise Refusal(401, "This token is not known.", {"WWW-Authenticate": "Bearer"})


def complete(client: httpx.Client, asked: Query, user: str) -> dict:
    try:
        answer = client.post(
            "/chat/completions",
            json={
                "model": asked.model,
                "temperature": asked.temperature,
                "user": user,
                "messages": [{"role": "user", "content": asked.query}],
            },
        )
        if answer.status_code == 429:
            wait = answer.headers.get("Retry-After", "1")
            raise Refusal(503, "The LLM has too much to do.", {"Retry-After": wait})
        answer.raise_for_status()
        return answer.json()
    except httpx.TimeoutException:
        raise Refusal(504, "The LLM does not answer.") from None
    except (httpx.HTTPError, ValueError):
        raise Refusal(502, "The LLM cannot answer.") from None


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/query")
def query(
    request: Request, asked: Query, authorization: Annotated[str, Header()] = ""
) -> JSONResponse:
    user = caller(request, authorization)
    headers = calls.enter(user)
    said = complete(request.state.client, asked, user)
    body = {
        "response": said["choices"][0]["message"]["content"],
        "model": said["model"],
        "tokens_used": said["usage"]["total_tokens"],
    }
    return JSONResponse(body, headers=headers)
