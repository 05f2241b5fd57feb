"""What most people write first: all calls at once, and the old client inside a new `async def`."""

import asyncio
import json
import os
import urllib.request
from typing import Any

import httpx
from fastapi import Body, FastAPI

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
HEADERS = {"Authorization": f"Bearer {os.environ.get('LLM_API_KEY', '')}"}

app = FastAPI()
client = httpx.AsyncClient(base_url=LLM_BASE_URL, headers=HEADERS, timeout=30)


def chat(prompt: str) -> dict[str, Any]:
    return {"model": "gpt-4", "messages": [{"role": "user", "content": prompt}]}


async def call_llm_async(prompt: str) -> str:
    answer = await client.post("/chat/completions", json=chat(prompt))
    answer.raise_for_status()
    return answer.json()["choices"][0]["message"]["content"]


@app.post("/batch-query")
async def batch_query(queries: list[str]) -> list[str]:
    return await asyncio.gather(*[call_llm_async(query) for query in queries])


def call_llm(prompt: str) -> str:
    body = json.dumps(chat(prompt)).encode()
    headers = HEADERS | {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{LLM_BASE_URL}/chat/completions", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


@app.post("/legacy-query")
async def legacy_query(query: str = Body(embed=True)) -> str:
    return call_llm(query)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
