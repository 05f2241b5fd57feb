"""The first version most people write: the row is a background task, and the task is on its own."""

import os
import sqlite3
from typing import Annotated

import httpx
from fastapi import BackgroundTasks, FastAPI, Header
from pydantic import BaseModel

app = FastAPI()


class QueryRequest(BaseModel):
    query: str
    model: str = "gpt-4"


def log_usage(user_id: str, tokens: int) -> None:
    database = sqlite3.connect(os.environ.get("USAGE_DB", "usage.db"))
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS usage_log (user_id TEXT, tokens INTEGER)")
        database.execute("INSERT INTO usage_log VALUES (?, ?)", (user_id, tokens))
    database.close()


@app.post("/query")
async def query(
    body: QueryRequest, background_tasks: BackgroundTasks, x_user: Annotated[str, Header()]
) -> dict[str, object]:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={"model": body.model, "messages": [{"role": "user", "content": body.query}]},
        )
    answer.raise_for_status()
    completion = answer.json()
    tokens = completion["usage"]["total_tokens"]
    background_tasks.add_task(log_usage, x_user, tokens)
    text = completion["choices"][0]["message"]["content"]
    return {"response": text, "model": completion["model"], "tokens_used": tokens}
