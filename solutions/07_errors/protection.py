"""What keeps a bad day from getting worse: a breaker, a limit of places, an ear for hang-ups."""

import asyncio
import math
import os
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from fastapi import HTTPException, Request

from llm import LLMFailed
from problems import CLIENT_LEFT

BREAKER_RESET_SECONDS = float(os.environ.get("BREAKER_RESET_SECONDS", "30"))
BREAKER_FAILURES = 5
MAX_IN_FLIGHT = int(os.environ.get("MAX_IN_FLIGHT", "100"))

T = TypeVar("T")


class Breaker:
    """Lets nobody call an LLM that is down, but for a probe now and then."""

    def __init__(self) -> None:
        self.failures = 0  # in a row
        self.probe_at = 0.0  # when the next probe may go
        self.probing = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around a question: 503 when it must not be asked, else learn from how it went."""
        probe = self.failures >= BREAKER_FAILURES
        if probe:
            self.admit_probe()
        try:
            yield
        except LLMFailed as failed:
            self.learn(failed)
            raise
        else:
            self.failures = 0
        finally:
            if probe:
                self.probing = False

    def admit_probe(self) -> None:
        """Take the place of the probe; 503 when it is taken, or too early."""
        wait = self.probe_at - time.monotonic()
        if wait > 0 or self.probing:
            raise HTTPException(
                503,
                "The language model is down. Please try again later.",
                {"Retry-After": str(max(1, math.ceil(wait)))},
            )
        self.probing = True

    def learn(self, failed: LLMFailed) -> None:
        """Count failures of the LLM itself; the fifth in a row opens the breaker."""
        if failed.outage:
            self.failures += 1
            self.probe_at = time.monotonic() + BREAKER_RESET_SECONDS


class Places:
    """As many questions at once as MAX_IN_FLIGHT says."""

    def __init__(self) -> None:
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a place for as long as the block lasts; 503 when there is none."""
        if self.taken >= MAX_IN_FLIGHT:
            raise HTTPException(
                503, "Too many questions at once. Please try again.", {"Retry-After": "1"}
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client hangs up."""
    task = asyncio.ensure_future(work)
    watcher = asyncio.create_task(cancel_when_gone(request, task))
    try:
        return await task
    except asyncio.CancelledError:
        if not watcher.done():  # not the client, but the server wants us to stop
            raise
        raise HTTPException(CLIENT_LEFT, "The client has left.") from None
    finally:
        watcher.cancel()


async def cancel_when_gone(request: Request, task: asyncio.Task[Any]) -> None:
    """Wait for the client to hang up. The body has been read: nothing else can arrive."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    task.cancel()
