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

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around a question: 503 when it must not be asked, else learn from how it went."""
        # TODO(breaker): count the outages in a row; an answer ends the row. After
        # BREAKER_FAILURES of them raise a 503 with `Retry-After` (1 or more) instead of the
        # `yield`, for BREAKER_RESET_SECONDS. Then one question goes through, and only one, until
        # it has ended in whatever way: with an answer all may go through again, with an outage
        # nobody. Only this one gives its place back.
        yield


class Places:
    """As many questions at once as MAX_IN_FLIGHT says."""

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a place for as long as the block lasts; 503 when there is none."""
        # TODO(overload): count those inside. The 503 says `Retry-After: 1`.
        yield


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client hangs up."""
    # TODO(overload): `work` becomes a task, and `cancel_when_gone` another one, which ends with it.
    # When the client has left, raise an HTTPException with CLIENT_LEFT: a cancellation that leaves
    # the route is an error to uvicorn.
    return await work


async def cancel_when_gone(request: Request, task: asyncio.Task[Any]) -> None:
    """Wait for the client to hang up. The body has been read: nothing else can arrive."""
    # TODO(overload): `request.receive()` returns when something happens. What is the `type` of it?
    return
