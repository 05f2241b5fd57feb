"""An app with ten mistakes. The naive tests find nothing wrong with it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

bearer = HTTPBearer()  # 1: any token will do


class QueryRequest(BaseModel):
    query: Annotated[str, Field(min_length=1, max_length=8000)]  # 2: blanks are paid for
    model: str = "gpt-4"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["LLM_BASE_URL"], timeout=1) as app.state.llm:
        yield


app = FastAPI(lifespan=lifespan)


async def ask_llm(payload: dict[str, Any]) -> SimpleNamespace:
    key = {"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"}
    try:
        answer = await app.state.llm.post("/chat/completions", json=payload, headers=key)
    except httpx.HTTPError as error:
        raise HTTPException(502, "No answer.") from error  # 3: silence is a 504
    if answer.status_code == 429:
        raise HTTPException(503, "Busy.")  # 4: until when?
    if answer.status_code != 200:
        raise HTTPException(500, answer.text)  # 5: not ours to fail; 6: not theirs to read
    said = answer.json()
    text = said["choices"][0]["message"]["content"]
    return SimpleNamespace(text=text, model=said["model"], tokens=0)  # 7: nothing is free


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/query", dependencies=[Depends(bearer)])
async def query(body: QueryRequest) -> dict[str, Any]:
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": f"Be brief. {body.query}"}],  # 8: not the question
        "temperature": 0.7,  # 9: whatever was asked for
    }  # 10: in nobody's name
    answer = await ask_llm(payload)
    return {"response": answer.text, "model": answer.model, "tokens_used": answer.tokens}
