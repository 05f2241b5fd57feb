"""What most people deploy first: a stream, /health, and a line of shell that starts it."""

import json
import os
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()
client = httpx.AsyncClient(timeout=60)


class QueryRequest(BaseModel):
    query: str


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/stream")
async def stream(body: QueryRequest) -> StreamingResponse:
    async def generate() -> AsyncIterator[str]:
        async with client.stream(
            "POST",
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={
                "model": "gpt-4",
                "messages": [{"role": "user", "content": body.query}],
                "stream": True,
            },
        ) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line.removeprefix("data: "))["choices"]
                    text = choices[0]["delta"].get("content") if choices else None
                    if text:
                        yield f"data: {json.dumps({'text': text})}\n\n"
        yield "event: done\ndata: {}\n\n"

    return StreamingResponse(generate(), media_type="text/event-stream")
