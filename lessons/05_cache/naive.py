"""The cache that most people write: a dict in front of the LLM, with the question as its key."""

import os
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
known: dict[str, Any] = {}


class QueryRequest(BaseModel):
    query: str
    model: str = "gpt-4"
    temperature: float = 0.7


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


async def ask_llm(body: QueryRequest) -> Any:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={
                "model": body.model,
                "messages": [{"role": "user", "content": body.query}],
                "temperature": body.temperature,
            },
        )
    return answer.json()


@app.post("/query")
async def query(body: QueryRequest) -> QueryResponse:
    if body.query not in known:
        known[body.query] = await ask_llm(body)
    completion = known[body.query]
    return QueryResponse(
        response=completion["choices"][0]["message"]["content"],
        model=completion["model"],
        tokens_used=completion["usage"]["total_tokens"],
    )
