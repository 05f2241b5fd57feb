"""Everything in one class: its methods are the routes, the client is made at the first question."""

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, field_validator

DETAIL = {"content": {"application/json": {"example": {"detail": "The LLM is resting."}}}}


class QueryRequest(BaseModel):
    query: str
    model: str = os.getenv("LLM_MODEL", "gpt-4")
    temperature: float = 0.7

    @field_validator("query")
    @classmethod
    def check_query(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("there is no question")
        if len(query) > 8000:
            raise ValueError("the question is too long")
        return query

    @field_validator("temperature")
    @classmethod
    def check_temperature(cls, temperature: float) -> float:
        if not math.isfinite(temperature) or temperature < 0 or temperature > 2:
            raise ValueError("the temperature is not between 0 and 2")
        return temperature


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


class Service:
    """The routes and what they share."""

    def __init__(self) -> None:
        self.url = os.environ["LLM_BASE_URL"] + "/chat/completions"
        self.key = os.environ["LLM_API_KEY"]
        self.timeout = float(os.getenv("LLM_TIMEOUT_SECONDS", "30"))
        self.client: httpx.AsyncClient | None = None
        self.router = APIRouter()
        self.router.get("/health")(self.health)
        statuses: dict[int | str, dict[str, Any]] = {502: DETAIL, 503: DETAIL, 504: DETAIL}
        self.router.post("/query", response_model=QueryResponse, responses=statuses)(self.query)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if self.client is not None:
                await self.client.aclose()

    async def health(self) -> dict[str, str]:
        return {"status": "ok"}

    async def query(self, question: QueryRequest) -> Any:
        try:
            async with asyncio.timeout(self.timeout):
                answer = await self.post(question)
        except TimeoutError:
            return self.failure(HTTPStatus.GATEWAY_TIMEOUT)
        except httpx.HTTPError:
            return self.failure(HTTPStatus.BAD_GATEWAY)
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            wait = answer.headers.get("Retry-After", "1")
            return self.failure(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": wait})
        try:
            answer.raise_for_status()
            completion = answer.json()
            return {
                "response": completion["choices"][0]["message"]["content"],
                "model": completion["model"],
                "tokens_used": sum(
                    completion["usage"][part] for part in ("prompt_tokens", "completion_tokens")
                ),
            }
        except (httpx.HTTPStatusError, ValueError, KeyError, IndexError, TypeError):
            return self.failure(HTTPStatus.BAD_GATEWAY)

    async def post(self, question: QueryRequest) -> httpx.Response:
        if self.client is None:
            self.client = httpx.AsyncClient(timeout=None, follow_redirects=True)
        message = {"role": "user", "content": question.query}
        return await self.client.post(
            self.url,
            headers={"Authorization": f"Bearer {self.key}"},
            json={
                "model": question.model,
                "temperature": question.temperature,
                "messages": [message],
                "stream": False,
            },
        )

    def failure(self, status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
        body = f'{{"detail": "The LLM could not answer: {status.phrase.lower()}."}}'
        return Response(body, status, headers, media_type="application/json")


async def refuse(request: Any, error: Exception) -> Response:
    return Response('{"detail": "Please check the request."}', 422, media_type="application/json")


service = Service()
app = FastAPI(
    title="LLM API",
    lifespan=service.lifespan,
    exception_handlers={RequestValidationError: refuse},
)
app.include_router(service.router)
