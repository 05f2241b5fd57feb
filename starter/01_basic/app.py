"""One route in front of an LLM: check the request, make one call, answer in our own words."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AliasPath, BaseModel, Field, ValidationError

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))


class QueryRequest(BaseModel):
    """What a caller may ask."""

    # TODO(models): `query` has 1 to 8,000 characters and is not only white space; `temperature`
    # is a finite number from 0 to 2. Everything else is refused before this app spends a cent.
    # TODO(docs): show readers of /docs an example of a question.
    query: str
    model: str = LLM_MODEL
    temperature: float = 0.7


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int


class Failure(BaseModel):
    """The body of a failed answer: one sentence for a person."""

    detail: str


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    model: str
    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "total_tokens"))]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    # TODO(client): open one httpx.AsyncClient for the whole process, yield it as "client", and
    # close it after the yield. It may know the base URL, the key and the timeout once and for all.
    yield {}


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    # TODO(call): POST {LLM_BASE_URL}/chat/completions with the header `Authorization: Bearer
    # {LLM_API_KEY}` and a JSON body of `model`, `messages` (one, its role is "user"),
    # `temperature` and `stream`. Read the answer as a Completion: text, model and tokens are what
    # the LLM says they are. Wait no longer than LLM_TIMEOUT_SECONDS.
    # TODO(failures): an error status is an error here, too; make it raise.
    return QueryResponse(
        response="The sky is blue.", model=body.model, tokens_used=len(body.query.split())
    )


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    # TODO(failures): no answer in time -> 504. The LLM said 429 -> 503 with its `Retry-After`.
    # Anything else -> 502. The sentence is yours: no key, no URL, no text of the LLM.
    return HTTPException(500, str(error))


FAILURES: dict[int | str, dict[str, Any]] = {
    # TODO(docs): the three statuses `explain` can answer with, each with a description and Failure
    # as its model.
}

app = FastAPI(
    # TODO(docs): its title is "LLM API".
    lifespan=lifespan,
)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    # TODO(models): this is what FastAPI does by itself. Not every refused input can be written
    # into the answer, and none has to be: leave out "input" and "ctx".
    problems = jsonable_encoder(error.errors())
    return JSONResponse({"detail": problems}, status_code=422)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that this process answers; whether the LLM does is another question."""
    return {"status": "ok"}


@app.post("/query", responses=FAILURES)
async def query(request: Request, body: QueryRequest) -> QueryResponse:
    """Answer one question with one call to the LLM."""
    try:
        return await ask_llm(request, body)
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
