"""One call to the LLM as lesson basic has it, and what each way of failing means."""

import os
import re
import time
from email.utils import parsedate_to_datetime
from typing import Annotated

import httpx
from fastapi import HTTPException
from pydantic import AliasPath, BaseModel, Field, ValidationError

from query import QueryRequest, QueryResponse

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "http://127.0.0.1:8001/v1")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "no-key")
LLM_TIMEOUT_SECONDS = float(os.environ.get("LLM_TIMEOUT_SECONDS", "30"))


class Completion(BaseModel):
    """What we need from the LLM's answer; an answer without it is unreadable."""

    model: str
    text: Annotated[str, Field(validation_alias=AliasPath("choices", 0, "message", "content"))]
    tokens: Annotated[int, Field(validation_alias=AliasPath("usage", "total_tokens"))]


class LLMFailed(HTTPException):
    """A failed call: what the caller gets, and what it says about the next call.

    `passing`: the same call may go well in a moment. `outage`: the LLM itself is to blame, not
    this one call. `retry_after`: for how many seconds the LLM wants to hear nothing.
    """

    def __init__(
        self, status: int, sentence: str, *, passing: bool = False, outage: bool = False
    ) -> None:
        super().__init__(status, sentence)
        self.passing = passing
        self.outage = outage
        self.retry_after = 0.0


def make_client() -> httpx.AsyncClient:
    """The one client for all calls to the LLM; close it at the end."""
    return httpx.AsyncClient(
        base_url=LLM_BASE_URL,
        headers={"Authorization": f"Bearer {LLM_API_KEY}"},
        timeout=LLM_TIMEOUT_SECONDS,
        limits=httpx.Limits(max_connections=None),  # MAX_IN_FLIGHT is our limit
    )


async def call_llm(
    client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Make one call, with these headers; raises LLMFailed."""
    payload = {
        "model": body.model,
        "messages": [{"role": "user", "content": body.query}],
        "temperature": body.temperature,
        "stream": False,
    }
    try:
        answer = await client.post("/chat/completions", json=payload, headers=headers)
        answer.raise_for_status()
        completion = Completion.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError) as error:
        raise explain(error) from error
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )


def explain(error: Exception) -> LLMFailed:
    """Tell the ways of failing apart."""
    if isinstance(error, httpx.TimeoutException):
        return LLMFailed(504, "The language model took too long to answer.", outage=True)
    if not isinstance(error, httpx.HTTPStatusError):
        passing = isinstance(error, httpx.TransportError)  # else its answer is unreadable
        return LLMFailed(502, "The language model gave no answer.", passing=passing, outage=True)
    status = error.response.status_code
    if status == 429:
        failed = LLMFailed(503, "The language model is busy.", passing=True)
    elif status < 500:
        failed = LLMFailed(502, "The language model refused this question.")
    else:
        failed = LLMFailed(502, "The language model has failed.", passing=True, outage=True)
    wait = error.response.headers.get("Retry-After", "")
    failed.retry_after = seconds(wait)
    if status == 429 and wait:
        failed.headers = {"Retry-After": wait}
    return failed


def seconds(retry_after: str) -> float:
    """What a `Retry-After` says, which is a number of seconds or, rarely, a date."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0.0
