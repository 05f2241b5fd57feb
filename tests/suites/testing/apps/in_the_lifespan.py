"""A right app: its client is made in the lifespan, and calls are awaited."""

import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

BASE_URL = os.environ["LLM_BASE_URL"]
KEY = os.environ["LLM_API_KEY"]
TIMEOUT = float(os.environ["LLM_TIMEOUT_SECONDS"])
USERS: dict[str, str] = json.loads(os.environ["API_KEYS"])


class Question(BaseModel):
    query: Annotated[str, Field(max_length=8000, pattern=r"\S")]
    model: str = os.environ["LLM_MODEL"]
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        app.state.llm = client
        yield


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    problems = [jsonable_encoder(each, exclude={"input", "ctx"}) for each in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)


def caller(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    token = sent.credentials.encode()
    for known, user in USERS.items():
        if secrets.compare_digest(token, known.encode()):
            return user
    raise HTTPException(401, "This token is unknown here.", {"WWW-Authenticate": "Bearer"})


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/query")
async def query(
    request: Request, body: Question, user: Annotated[str, Depends(caller)]
) -> dict[str, Any]:
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "user": user,
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    try:
        answer = await request.app.state.llm.post(
            f"{BASE_URL}/chat/completions", json=payload, headers=headers
        )
    except httpx.TimeoutException as error:
        raise HTTPException(504, "The model was too slow. Try again.") from error
    except httpx.HTTPError as error:
        raise HTTPException(502, "The model cannot be reached.") from error
    if answer.status_code == 429:
        wait = answer.headers.get("Retry-After")
        raise HTTPException(
            503, "The model is busy. Try again later.", {"Retry-After": wait} if wait else None
        )
    if answer.status_code != 200:
        raise HTTPException(502, "The model failed.")
    try:
        said = answer.json()
        return {
            "response": said["choices"][0]["message"]["content"],
            "model": said["model"],
            "tokens_used": said["usage"]["total_tokens"],
        }
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise HTTPException(502, "The model gave no answer that can be read.") from error
