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
    """All metrics as text: of this process, or of all workers when there is a folder they share."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def route_of(scope: Scope) -> str:
    """The template of the route that was found, such as `/users/{id}`; never the path."""
    return getattr(scope.get("route"), "path", "unknown")


def count(record: Record) -> None:
    """Count an answer that has ended."""
    method = record.method if record.method in METHODS else "OTHER"
    HTTP_REQUESTS.labels(method, record.route, str(record.status)).inc()
    HTTP_SECONDS.labels(record.route).observe(record.seconds)


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
        """A chunk with text has come: observe the time to the first one, now."""
        if not self.text_has_come:
            self.text_has_come = True
            LLM_FIRST_TOKEN.labels(self.model).observe(self.seconds)


@contextmanager
def measured() -> Iterator[Call]:
    """Measure one call to the LLM, however it ends."""
    call = Call()
    outcome = "cancelled"  # a client that leaves ends us with what is no Exception
    LLM_IN_FLIGHT.inc()
    try:
        yield call
        outcome = "ok"
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        LLM_IN_FLIGHT.dec()
        LLM_REQUESTS.labels(call.model, outcome).inc()
        LLM_SECONDS.labels(call.model).observe(call.seconds)
        for kind, tokens in call.tokens.items():
            LLM_TOKENS.labels(call.model, kind).inc(tokens)


def outcome_of(error: Exception) -> str:
    """How a call has failed, in one of three words."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429:
        return "rate_limited"
    return "error"
