"""The LLM as the lessons before left it: a client, one call, each failure in our own words."""

import os
from typing import Annotated, Any

import httpx
from fastapi import HTTPException
from pydantic import AliasPath, BaseModel, Field, ValidationError

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    model: str
    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "total_tokens"))]


def make_client() -> httpx.AsyncClient:
    """The one client for all calls to the LLM; close it at the end."""
    return httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
    )


async def ask_llm(client: httpx.AsyncClient, payload: dict[str, Any]) -> Completion:
    """Make the one upstream call; an HTTPException says what went wrong."""
    try:
        answer = await client.post("/chat/completions", json=payload)
        answer.raise_for_status()
        return Completion.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into the status and the sentence the caller gets."""
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, "The language model took too long to answer. Please try again.")
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        wait = error.response.headers.get("Retry-After")
        headers = {"Retry-After": wait} if wait else None
        return HTTPException(503, "The language model is busy. Please try again later.", headers)
    return HTTPException(502, "The language model could not answer. Please try again.")
