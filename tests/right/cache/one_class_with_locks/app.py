"""A lock for each question instead of a future, and a Redis that is given a rest when it fails."""

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, field_validator
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

REST_SECONDS = 2.0


class QueryRequest(BaseModel):
    query: str
    model: str = os.getenv("LLM_MODEL", "gpt-4")
    temperature: float = 0.7

    @field_validator("query")
    @classmethod
    def check_query(cls, query: str) -> str:
        if not query.strip() or len(query) > 8000:
            raise ValueError("a question has 1 to 8,000 characters")
        return query

    @field_validator("temperature")
    @classmethod
    def check_temperature(cls, temperature: float) -> float:
        if not math.isfinite(temperature) or temperature < 0 or temperature > 2:
            raise ValueError("the temperature is not between 0 and 2")
        return temperature


class Question:
    """One question while somebody waits for its answer; the outcome is for all who do."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.outcome: bytes | HTTPException | None = None


class Service:
    def __init__(self) -> None:
        self.ttl = float(os.getenv("CACHE_TTL_SECONDS", "3600"))
        self.room = int(os.getenv("CACHE_MAX_ENTRIES", "1000"))
        url = os.getenv("CACHE_URL", "memory://")
        self.redis: Redis | None = None
        if not url.startswith("memory"):
            self.redis = Redis.from_url(
                url,
                socket_timeout=0.15,
                socket_connect_timeout=0.15,
                retry=Retry(NoBackoff(), 0),
                health_check_interval=0,
            )
        self.rests_until = 0.0
        self.memory: dict[str, tuple[bytes, float, float]] = {}  # kept at, used at
        self.questions: dict[str, Question] = {}
        self.client = httpx.AsyncClient(
            base_url=os.environ["LLM_BASE_URL"],
            timeout=float(os.getenv("LLM_TIMEOUT_SECONDS", "30")),
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
        )

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        yield
        await self.client.aclose()
        if self.redis is not None:
            await self.redis.aclose()

    @property
    def lost(self) -> bool:
        return time.monotonic() < self.rests_until

    async def load(self, key: str) -> bytes | None:
        if self.redis is not None:
            return await self.with_redis(self.redis.get(key)) if not self.lost else None
        now = time.time()
        self.memory = {
            known: entry for known, entry in self.memory.items() if now - entry[1] < self.ttl
        }
        if key not in self.memory:
            return None
        body, kept, _ = self.memory[key]
        self.memory[key] = (body, kept, time.monotonic())
        return body

    async def save(self, key: str, body: bytes) -> None:
        if self.redis is not None:
            if not self.lost:
                milliseconds = max(1, int(self.ttl * 1000))
                await self.with_redis(self.redis.psetex(key, milliseconds, body))
            return
        self.memory[key] = (body, time.time(), time.monotonic())
        if len(self.memory) > self.room:
            del self.memory[min(self.memory, key=lambda known: self.memory[known][2])]

    async def with_redis(self, command: Any) -> Any:
        """What Redis says; after a failure it is left alone for a while."""
        try:
            return await command
        except (RedisError, OSError):
            self.rests_until = time.monotonic() + REST_SECONDS
            return None

    async def call(self, asked: QueryRequest) -> tuple[bytes, bool]:
        """The body of a good answer, and whether it may be kept."""
        payload = {
            "model": asked.model,
            "temperature": asked.temperature,
            "messages": [{"role": "user", "content": asked.query}],
            "stream": False,
        }
        try:
            answer = await self.client.post("/chat/completions", json=payload)
            if answer.status_code == 429:
                headers = {"Retry-After": answer.headers.get("Retry-After", "1")}
                raise HTTPException(503, "The LLM is busy.", headers)
            completion = answer.raise_for_status().json()
            choice = completion["choices"][0]
            body = {
                "response": choice["message"]["content"],
                "model": completion["model"],
                "tokens_used": completion["usage"]["total_tokens"],
            }
            return JSONResponse(body).body, choice["finish_reason"] == "stop"
        except httpx.TimeoutException:
            raise HTTPException(504, "The LLM is too slow.") from None
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            raise HTTPException(502, "The LLM has a problem.") from None

    async def fetch(self, key: str, asked: QueryRequest) -> tuple[bytes, str]:
        body, whole = await self.call(asked)
        if whole:
            await self.save(key, body)
        return body, "BYPASS" if self.lost else "MISS"

    async def together(self, key: str, asked: QueryRequest) -> tuple[bytes, str]:
        """The one who has the lock asks; the others find the outcome when they get it."""
        question = self.questions.setdefault(key, Question())
        question.waiting += 1
        try:
            async with question.lock:
                if isinstance(question.outcome, HTTPException):
                    raise question.outcome
                if question.outcome is not None:
                    return question.outcome, "BYPASS" if self.lost else "HIT"
                known = await self.load(key)
                if known is not None:
                    question.outcome = known
                    return known, "HIT"
                try:
                    question.outcome, said = await self.fetch(key, asked)
                except HTTPException as problem:
                    question.outcome = problem
                    raise
                return question.outcome, said
        finally:
            question.waiting -= 1
            if not question.waiting:
                self.questions.pop(key, None)

    async def query(self, request: Request, asked: QueryRequest) -> Response:
        tenant = request.headers.get("X-Tenant-ID") or "public"
        parts = (tenant, asked.model, repr(asked.temperature), asked.query)
        key = "llm:" + ":".join(quote(part, safe="") for part in parts)
        directives = [part.strip() for part in request.headers.get("Cache-Control", "").split(",")]
        if "no-cache" in directives:
            body, _ = await self.fetch(key, asked)
            said = "BYPASS"
        else:
            body, said = await self.together(key, asked)
        return Response(body, media_type="application/json", headers={"X-Cache": said})


service = Service()
app = FastAPI(lifespan=service.lifespan)
app.post("/query")(service.query)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
