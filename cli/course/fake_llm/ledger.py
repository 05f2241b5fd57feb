"""What the fake LLM saw: a `Call` for each request, an `Event` for each step of its answer."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .limits import Limits

Outcome = Literal["open", "answered", "aborted", "hung_up"]


@dataclass(eq=False, repr=False)
class Call:
    """One request, from its arrival on; the server goes on writing in it until it has ended.

    Times are `time.monotonic()`. Tokens are counted by the rule of `completions.count_tokens`.
    """

    number: int
    """1 for the first request since the last reset."""
    method: str
    path: str
    """Below `/v1`, as in `/chat/completions`."""
    headers: dict[str, str]
    """Names in lower case."""
    body: Any
    """The parsed JSON, or None."""
    prompt: str
    """The text of the last user message; for embeddings, the input."""
    stream: bool
    connection: int
    size: int
    """Bytes of the request."""
    counts: bool
    """Whether this is a call of the LLM, as chat completions and embeddings are."""
    in_flight: int = 0
    """Calls under way when this one arrived, itself included."""
    received_at: float = 0.0
    first_chunk_at: float | None = None
    """When the first text of a stream, or an answer in one piece, was sent."""
    ended_at: float | None = None
    status: int | None = None
    """None until the status line was sent."""
    outcome: Outcome = "open"
    tokens_made: int = 0
    tokens_sent: int = 0
    chunks_sent: int = 0

    @property
    def aborted(self) -> bool:
        """The client left before the answer was complete."""
        return self.outcome == "aborted"

    @property
    def tokens_thrown_away(self) -> int:
        """Tokens that were made, and that nobody took; 0 while the call is open."""
        return 0 if self.outcome == "open" else self.tokens_made - self.tokens_sent

    def __repr__(self) -> str:
        ending = f"{self.outcome.replace('_', ' ')} {self.status or ''}".strip()
        return f"<Call {self.number}: {self.method} {self.path}, {ending}>"


@dataclass(frozen=True)
class Event:
    """Something that happened to a call, for timelines."""

    at: float
    """`time.monotonic()`."""
    call: Call
    what: str
    """Such as `received`, `sent chunk 1`, `holding chunk 2`, `answered 200`, `client left`."""


class Ledger:
    """All calls and events since the last reset; written by the server's thread, read by any."""

    def __init__(self, limits: Limits, on_event: Callable[[Event], None]) -> None:
        self.changed = threading.Condition()
        self._limits = limits
        self._on_event = on_event
        self._open: set[Call] = set()
        self.clear()

    def clear(self) -> None:
        """Forget everything; a call that is still open ends as hung up."""
        with self.changed:
            for call in list(self._open):
                self.end(call, "hung_up", "hung up")
            self._requests: deque[Call] = deque()
            self._bytes = 0
            self._events: deque[Event] = deque(maxlen=self._limits.events)
            self._connections_now: set[int] = set()
            self.request_count = 0
            self.call_count = 0
            self.connections = 0
            self.peak_in_flight = 0
            self.changed.notify_all()

    @property
    def requests(self) -> list[Call]:
        with self.changed:
            return list(self._requests)

    @property
    def events(self) -> list[Event]:
        with self.changed:
            return list(self._events)

    @property
    def in_flight(self) -> int:
        with self.changed:
            return sum(call.counts for call in self._open)

    def add(self, call: Call) -> None:
        """Write down a request that has arrived."""
        with self.changed:
            self.request_count += 1
            call.number = self.request_count
            call.received_at = time.monotonic()
            call.in_flight = sum(other.counts for other in self._open) + 1
            if call.counts:
                self.call_count += 1
                self.peak_in_flight = max(self.peak_in_flight, call.in_flight)
            if call.connection not in self._connections_now:
                self._connections_now.add(call.connection)
                self.connections += 1
            self._open.add(call)
            self._requests.append(call)
            self._bytes += call.size
            while len(self._requests) > self._limits.calls or (
                self._bytes > self._limits.ledger_bytes and len(self._requests) > 1
            ):
                self._bytes -= self._requests.popleft().size
            self.note(call, "received")

    def note(self, call: Call, what: str) -> None:
        """Write down something that happened to a call."""
        with self.changed:
            event = Event(time.monotonic(), call, what)
            self._events.append(event)
            self.changed.notify_all()
        self._on_event(event)

    def began(self, call: Call, status: int) -> None:
        """The status line is on its way."""
        with self.changed:
            call.status = status

    def made(self, call: Call, tokens: int) -> None:
        """The LLM has made that many tokens of the answer, in all."""
        with self.changed:
            call.tokens_made = tokens
            self.changed.notify_all()

    def sent_chunk(self, call: Call) -> None:
        """One more chunk of text is on its way, with all that was made."""
        with self.changed:
            call.chunks_sent += 1
            call.tokens_sent = call.tokens_made
            call.first_chunk_at = call.first_chunk_at or time.monotonic()
            self.note(call, f"sent chunk {call.chunks_sent}")

    def answered(self, call: Call, status: int) -> None:
        """The answer is complete, with all that was made."""
        with self.changed:
            if call in self._open:
                call.tokens_sent = call.tokens_made
                call.first_chunk_at = call.first_chunk_at or time.monotonic()
            self.end(call, "answered", f"answered {status}")

    def end(self, call: Call, outcome: Outcome, what: str) -> None:
        """A call is over; only the first end counts."""
        with self.changed:
            if call not in self._open:
                return
            self._open.remove(call)
            call.outcome = outcome
            call.ended_at = time.monotonic()
            self.note(call, what)

    def closed(self, connection: int) -> None:
        """A connection is gone and its number will not come back."""
        with self.changed:
            self._connections_now.discard(connection)
        self.announce()

    def announce(self) -> None:
        """Something changed that is not in the ledger, but that somebody may be waiting for."""
        with self.changed:
            self.changed.notify_all()
