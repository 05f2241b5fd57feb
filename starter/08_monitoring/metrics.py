"""Counters, histograms and a gauge: what they are called, when they move, and how they are read."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

from record import RECORD, Record

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
# The default buckets end at 10 s, which is where many answers of an LLM begin.
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)

HTTP_REQUESTS = Counter(
    "http_requests_total", "Answers that have ended.", ["method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "http_request_duration_seconds", "To the end of the answer.", ["route"], buckets=SECONDS
)
LLM_REQUESTS = Counter("llm_requests_total", "Calls that have ended.", ["model", "outcome"])
LLM_TOKENS = Counter("llm_tokens_total", "What the calls have cost.", ["model", "kind"])
LLM_SECONDS = Histogram(
    "llm_request_duration_seconds", "To the end of the call.", ["model"], buckets=SECONDS
)
LLM_FIRST_TOKEN = Histogram(
    "llm_time_to_first_token_seconds", "Of streamed calls.", ["model"], buckets=SECONDS
)
LLM_IN_FLIGHT = Gauge("llm_requests_in_flight", "Calls under way.", multiprocess_mode="livesum")


def page() -> bytes:
    """All metrics as text: of this process, or of all workers when there is a folder they share.

    TODO(workers): with PROMETHEUS_MULTIPROC_DIR in the environment, read what all processes have
    written into that folder. `REGISTRY` knows only this one.
    """
    return generate_latest(REGISTRY)


def route_of(scope: Scope) -> str:
    """The template of the route that was found, such as `/users/{id}`; never the path.

    TODO(requests): a path is what a caller likes it to be. The router leaves the route it has found
    in `scope["route"]`; what has none shares one word.
    """
    return str(scope["path"])


def count(record: Record) -> None:
    """Count an answer that has ended.

    TODO(requests): in HTTP_REQUESTS, and its `record.seconds` in HTTP_SECONDS. A caller may invent
    methods, too: what is not in METHODS shares one word.
    """


class Call:
    """One call to the LLM, as far as it is known."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.model = "unknown"
        self.tokens: dict[str, int] = {}
        self.text_has_come = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def answered_by(self, model: str) -> None:
        """The LLM says which model answers; not the one a caller has asked for."""
        self.model = model
        if record := RECORD.get():
            record.model = model

    def used(self, prompt: int, completion: int) -> None:
        """The LLM says what it takes."""
        self.tokens = {"prompt": prompt, "completion": completion}
        if record := RECORD.get():
            record.tokens = prompt + completion

    def has_text(self) -> None:
        """A chunk with text has come: observe the time to the first one, now.

        TODO(llm): in LLM_FIRST_TOKEN, and only for the first of a call's chunks.
        """


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends.

    TODO(llm): count it in LLM_REQUESTS with its outcome (`ok`, what `outcome_of` says, or
    `cancelled` when the client has left), its seconds, its tokens, and in LLM_IN_FLIGHT for as long
    as it is under way. Lines after the `yield` are not reached when the call fails.
    """
    yield Call()


def outcome_of(error: Exception) -> str:
    """How a call has failed, in one of three words.

    TODO(llm): `timeout`, `rate_limited` (the LLM said 429) or `error`.
    """
    return "error"
