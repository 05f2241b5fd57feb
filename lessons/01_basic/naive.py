"""The first version most people write: right as long as everybody behaves."""

import os

import httpx
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class QueryRequest(BaseModel):
    query: str
    model: str = "gpt-4"
    temperature: float = 0.7


class QueryResponse(BaseModel):
    response: str
    model: str
    tokens_used: int


@app.post("/query")
async def query(body: QueryRequest) -> QueryResponse:
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={
                "model": body.model,
                "messages": [{"role": "user", "content": body.query}],
                "temperature": body.temperature,
            },
        )
    text = answer.json()["choices"][0]["message"]["content"]
    return QueryResponse(response=text, model=body.model, tokens_used=len(text.split()))
