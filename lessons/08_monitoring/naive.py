"""The first version most people write: a middleware that measures what it can see."""

import logging
import os
import time
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from prometheus_client import Counter, Histogram, generate_latest
from pydantic import BaseModel
from starlette.middleware.base import RequestResponseEndpoint

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger(__name__)
REQUESTS = Counter("http_requests_total", "Requests.", ["method", "path", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Seconds.", ["path"])

app = FastAPI()
client = httpx.AsyncClient(
    base_url=os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('LLM_API_KEY', '')}"},
)


class QueryRequest(BaseModel):
    query: str
    model: str = "gpt-4"


@app.middleware("http")
async def measure(request: Request, call_next: RequestResponseEndpoint) -> Response:
    started = time.time()
    response = await call_next(request)
    seconds = time.time() - started
    path = request.url.path
    REQUESTS.labels(request.method, path, response.status_code).inc()
    SECONDS.labels(path).observe(seconds)
    logger.info(f"{request.method} {path} {response.status_code} in {seconds:.2f} s")
    return response


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type="text/plain")


@app.get("/livez")
async def livez() -> dict[str, str]:
    (await client.get("/models")).raise_for_status()
    return {"status": "ok"}


@app.post("/stream")
async def stream(body: QueryRequest) -> StreamingResponse:
    logger.info(f"asking {body.model}: {body.query}")
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "stream": True}

    async def lines() -> AsyncIterator[str]:
        async with client.stream("POST", "/chat/completions", json=payload) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                yield line + "\n"

    return StreamingResponse(lines(), media_type="text/event-stream")
