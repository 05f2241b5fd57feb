"""POST /query behind a bearer token: it works, and /docs says what it does."""

import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from llm import ask_llm, make_client

LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int


class Failure(BaseModel):
    """The body of a failed answer: one sentence for a person."""

    detail: str


FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "The token is missing, or nobody has it."},
    502: {"model": Failure, "description": "The LLM failed or could not be understood."},
    503: {"model": Failure, "description": "The LLM is busy; see `Retry-After`."},
    504: {"model": Failure, "description": "The LLM did not answer in time."},
}


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        raise SystemExit('API_KEYS must be a JSON object such as {"<token>": "<user>"}.')
    return {token.encode(): str(user) for token, user in keys.items()}


API_KEYS = read_api_keys(os.environ.get("API_KEYS", ""))


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> str:
    """The user whose token was sent; 401 when it is nobody's."""
    sent = credentials.credentials.encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    if not users:
        raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
    return users[0]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The client of the LLM lives as long as the process."""
    async with make_client() as app.state.client:
        yield


app = FastAPI(title="LLM API", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/query", responses=FAILURES)
async def query(
    request: Request, body: QueryRequest, user: Annotated[str, Depends(authenticate)]
) -> QueryResponse:
    """Answer one question with one call to the LLM, in the name of the token's user."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": False,
        "user": user,
    }
    answer = await ask_llm(request.app.state.client, payload)
    return QueryResponse(response=answer.text, model=answer.model, tokens_used=answer.tokens)
