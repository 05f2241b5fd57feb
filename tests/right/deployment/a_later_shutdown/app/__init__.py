"""FastAPI and pydantic-settings; SIGTERM does what it always does, but the shutdown comes later."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Settings(BaseSettings):
    LLM_BASE_URL: HttpUrl
    LLM_API_KEY: Annotated[SecretStr, Field(min_length=1)]
    LLM_MODEL: str = "gpt-4"
    LLM_TIMEOUT_SECONDS: Seconds = 30
    PORT: Annotated[int, Field(ge=1, le=65535)] = 8000
    DRAIN_SECONDS: Seconds = 5
    SHUTDOWN_GRACE_SECONDS: Seconds = 25


try:
    settings = Settings()
except ValidationError as problem:
    print(  # noqa: T201
        "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in problem.errors()), file=sys.stderr
    )
    raise SystemExit(1) from None

app = FastAPI()
time_is_up = asyncio.Event()
leaving = asyncio.Event()


def client() -> httpx.AsyncClient:
    key = settings.LLM_API_KEY.get_secret_value()
    return httpx.AsyncClient(
        base_url=str(settings.LLM_BASE_URL).rstrip("/"),
        headers={"Authorization": f"Bearer {key}"},
        timeout=settings.LLM_TIMEOUT_SECONDS,
    )


def payload(body: dict[str, Any], stream: bool) -> dict[str, Any]:
    if not isinstance(body.get("query"), str) or not body["query"].strip():
        raise HTTPException(422, "There is no query.")
    asked = {
        "model": body.get("model", settings.LLM_MODEL),
        "messages": [{"role": "user", "content": body["query"]}],
        "temperature": body.get("temperature", 0.7),
        "stream": stream,
    }
    return {**asked, "stream_options": {"include_usage": True}} if stream else asked


@app.get("/readyz")
async def readyz(response: Response) -> str:
    response.status_code = 503 if leaving.is_set() else 200
    return "leaving" if leaving.is_set() else "ready"


@app.get("/livez")
@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/query")
async def query(body: dict[str, Any]) -> dict[str, Any]:
    async with client() as llm:
        answer = (await llm.post("/chat/completions", json=payload(body, False))).json()
    return {
        "response": answer["choices"][0]["message"]["content"],
        "model": answer["model"],
        "tokens_used": answer["usage"]["total_tokens"],
    }


async def told(body: dict[str, Any]) -> AsyncIterator[str]:
    """What the LLM says; TimeoutError when time is up before it has ended."""
    async with (
        client() as llm,
        llm.stream("POST", "/chat/completions", json=payload(body, True)) as answer,
    ):
        lines = answer.aiter_lines().__aiter__()
        up = asyncio.ensure_future(time_is_up.wait())
        while True:
            line = asyncio.ensure_future(anext(lines, None))
            await asyncio.wait({line, up}, return_when=asyncio.FIRST_COMPLETED)
            if not line.done():
                line.cancel()
                raise TimeoutError
            if (said := line.result()) is None:
                up.cancel()
                return
            yield said


async def events(body: dict[str, Any]) -> AsyncIterator[str]:
    end: dict[str, Any] = {"model": "", "tokens_used": 0, "finish_reason": ""}
    try:
        async for line in told(body):
            if line.startswith("data: {"):
                chunk = json.loads(line[6:])
                end["model"] = chunk["model"]
                end["tokens_used"] = (chunk.get("usage") or {}).get("total_tokens", 0)
                for choice in chunk["choices"]:
                    end["finish_reason"] = choice.get("finish_reason") or end["finish_reason"]
                    if text := choice["delta"].get("content"):
                        yield f": piece\ndata: {json.dumps({'text': text})}\n\n"
        yield f"event: done\ndata: {json.dumps(end)}\n\n"
    except (TimeoutError, httpx.HTTPError):
        yield 'event: error\ndata: {"detail": "This answer was cut short."}\n\n'


@app.post("/stream")
async def stream(body: dict[str, Any]) -> StreamingResponse:
    return StreamingResponse(events(body), media_type="text/event-stream")
