"""What a test saw, recorded while it runs.

The last request, its answer, and a timeline in three lanes.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any

from course.fake_llm import Event as LLMEvent
from course.grading.client import Exchange, Request, Response
from course.grading.verdict import Evidence, Lane, Moment

SHOWN_BODY = 2000
SHOWN_MOMENTS = 40
SHOWN_HEADERS = (
    "content-type",
    "retry-after",
    "www-authenticate",
    "cache-control",
    "x-accel-buffering",
    "x-cache",
    "x-request-id",
    "x-tenant-id",
    "authorization",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "traceparent",
)


class Recorder:
    """Collects the evidence of one test; thread safe."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._moments: list[tuple[float, Lane, str]] = []
        self._request: Request | None = None
        self._received: dict[str, Any] | None = None

    def saw(self, what: str, lane: Lane = "client") -> None:
        """Something happened, at the client unless the lane says otherwise."""
        with self._lock:
            self._moments.append((time.monotonic(), lane, cut(what, 80)))

    def sent(self, request: Request) -> None:
        with self._lock:
            self._request = request
            self._received = None
        self.saw(f"{request.method} {request.path} {cut(shown(request.body), 40)}".rstrip())

    def received(self, request: Request, response: Response) -> None:
        """A complete answer came; it is kept beside its own request only."""
        with self._lock:
            if request is self._request:
                self._received = describe(response.status, response.headers.pairs, response.body)
        self.saw(f"got {response.status}")

    def opened(self, exchange: Exchange) -> None:
        """The head of an answer came; its body grows while it is read."""
        with self._lock:
            if exchange.request is self._request:
                self._received = describe(exchange.status, exchange.headers.pairs, exchange.body)

    def evidence(self, llm_events: Sequence[LLMEvent]) -> Evidence:
        """All of it, in order of time."""
        with self._lock:
            moments = list(self._moments)
            request, received = self._request, self._received
        several = len({event.call.number for event in llm_events}) > 1
        for event in llm_events:
            if event.what == "received":
                moments.append((event.at, "app", f"{event.call.method} {event.call.path}"))
            else:
                call = f"call {event.call.number}: " if several else ""
                moments.append((event.at, "LLM", call + event.what))
        moments.sort(key=lambda moment: moment[0])
        half = SHOWN_MOMENTS // 2
        if len(moments) > SHOWN_MOMENTS:  # how it began, and how it ended
            left_out = f"({len(moments) - 2 * half} moments are left out here)"
            between: tuple[float, Lane, str] = (moments[half - 1][0], "client", left_out)
            moments = [*moments[:half], between, *moments[-half:]]
        return Evidence(
            sent=describe_request(request) if request else None,
            received={**received, "body": shown(received["body"])} if received else None,
            timeline=tuple(
                Moment(max(0, round((at - self.started) * 1000)), lane, what)
                for at, lane, what in moments
            ),
        )


def describe_request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": shown(request.body),
    }


def describe(
    status: int, headers: Sequence[tuple[str, str]], body: bytes | bytearray
) -> dict[str, Any]:
    kept = {name.lower(): value for name, value in headers if name.lower() in SHOWN_HEADERS}
    return {"status": status, "headers": kept, "body": body}


def shown(body: bytes | bytearray) -> str:
    """A body as text; a long one is cut, with a note of its whole length."""
    text = bytes(body[: SHOWN_BODY * 4]).decode("utf-8", "replace")
    if len(text) <= SHOWN_BODY and len(body) <= SHOWN_BODY * 4:
        return text
    return f"{text[:SHOWN_BODY]} … ({len(body)} bytes in all)"


def cut(text: str, width: int) -> str:
    """The text in one line of at most `width` characters."""
    line = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return line if len(line) <= width else line[: width - 1] + "…"
