"""The first version most people write: catch everything, try again, say what it was."""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

app = FastAPI()


class QueryRequest(BaseModel):
    query: str
    model: str = "gpt-4"


@app.middleware("http")
async def add_request_id(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers["X-Request-ID"] = request.headers.get("X-Request-ID", uuid.uuid4().hex)
    return response


@app.get("/debug/crash")
async def crash() -> None:
    raise RuntimeError(f"The key {os.environ['LLM_API_KEY']} was not accepted.")


async def ask_llm(body: QueryRequest) -> dict[str, object]:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={"model": body.model, "messages": [{"role": "user", "content": body.query}]},
        )
    answer.raise_for_status()
    completion = answer.json()
    return {
        "response": completion["choices"][0]["message"]["content"],
        "model": completion["model"],
        "tokens_used": completion["usage"]["total_tokens"],
    }


@app.post("/query")
async def query(body: QueryRequest) -> dict[str, object]:
    for attempt in range(3):
        try:
            return await ask_llm(body)
        except Exception as error:
            if attempt == 2:
                raise HTTPException(500, f"The LLM has failed: {error}") from error
            await asyncio.sleep(1)
    raise AssertionError("never reached")
