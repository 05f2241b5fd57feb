"""What most people write first: loop over the LLM's stream, put `data:` before each piece."""

import json
import os
from collections.abc import AsyncIterator, Iterator

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
API_KEY = os.environ.get("LLM_API_KEY", "no-key")

app = FastAPI()


class QueryRequest(BaseModel):
    query: str


def llm_stream(query: str) -> Iterator[str]:
    """The pieces of the LLM's answer, as a client library without async hands them out."""
    payload = {
        "model": "gpt-4",
        "messages": [{"role": "user", "content": query}],
        "stream": True,
    }
    url, key = f"{BASE_URL}/chat/completions", f"Bearer {API_KEY}"
    with httpx.stream("POST", url, json=payload, headers={"Authorization": key}) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith("data: ") and line != "data: [DONE]":
                delta = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]
                yield delta.get("content", "")


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/stream")
async def stream(body: QueryRequest) -> StreamingResponse:
    async def generate() -> AsyncIterator[str]:
        for piece in llm_stream(body.query):
            yield f"data: {piece}\n\n"

    return StreamingResponse(generate(), media_type="text/event-stream")
