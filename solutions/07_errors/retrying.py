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
    if not failed.passing or tries == TRIES:
        return None
    return failed.retry_after + random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (tries - 1))


async def ask_llm(
    client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call the LLM up to three times; what the last call raises is what the caller gets."""
    deadline = asyncio.get_running_loop().time() + REQUEST_DEADLINE_SECONDS
    try:
        async with asyncio.timeout_at(deadline):
            return await call_until(deadline, client, body, headers)
    except TimeoutError:
        raise LLMFailed(504, "The language model took too long to answer.", outage=True) from None


async def call_until(
    deadline: float, client: httpx.AsyncClient, body: QueryRequest, headers: dict[str, str]
) -> QueryResponse:
    """Call until there is an answer, or no use or no time for another call."""
    tries = 1
    while True:
        try:
            return await call_llm(client, body, headers)
        except LLMFailed as failed:
            wait = wait_before_retry(failed, tries)
            if wait is None or asyncio.get_running_loop().time() + wait >= deadline:
                raise
        await asyncio.sleep(wait)
        tries += 1
