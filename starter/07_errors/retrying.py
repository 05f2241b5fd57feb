"""Ask the LLM again when that can help, within a deadline."""

import asyncio
import os
import random

import httpx

from llm import LLMFailed, call_llm
from query import QueryRequest, QueryResponse

REQUEST_DEADLINE_SECONDS = float(os.environ.get("REQUEST_DEADLINE_SECONDS", "60"))
TRIES = 3
FIRST_WAIT_SECONDS = 0.1  # at most


def wait_before_retry(failed: LLMFailed, tries: int) -> float | None:
    """Seconds until the next call after `tries` failed ones; None when there is to be none."""
    # TODO(retry): TRIES calls at most, and only when `failed` is `passing`. The `retry_after` of
    # the LLM if it named one, plus some time that nobody can foresee.
    return None


async def ask_llm(
    client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call the LLM up to three times; what the last call raises is what the caller gets."""
    deadline = asyncio.get_running_loop().time() + REQUEST_DEADLINE_SECONDS
    # TODO(retry): at the deadline it is over, whatever is under way: a 504, and an outage
    # (`asyncio.timeout_at` takes the loop's time).
    return await call_until(deadline, client, body, headers)


async def call_until(
    deadline: float, client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call until there is an answer, or no use or no time for another call."""
    # TODO(retry): when a call fails, ask `wait_before_retry`. A wait that would end after the
    # deadline is no use: raise what the call has raised, at once.
    return await call_llm(client, body, headers)
