"""The other side: a client for the LLM, one call to it, and how it fails. All of it is given."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException
from pydantic import AliasPath, BaseModel, Field, ValidationError

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))

LLM_ERRORS = (httpx.HTTPError, ValidationError)


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "total_tokens"))]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    async with httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    ) as client:
        yield {"client": client}


async def ask_llm(client: httpx.AsyncClient, prompt: str) -> Completion:
    """Make one call without blocking; raises one of LLM_ERRORS."""
    answer = await client.post(
        "/chat/completions",
        json={
            "model": LLM_MODEL,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
            "stream": False,
        },
    )
    answer.raise_for_status()
    return Completion.model_validate_json(answer.content)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return HTTPException(503, "The language model is busy. Please try again later.")
    return HTTPException(502, "The language model could not answer. Please try again.")
