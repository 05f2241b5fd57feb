"""What came back: status, headers, body or events, times; and many answers in figures."""

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """One server-sent event, its data as JSON where it is JSON."""

    name: str
    data: Any


@dataclass
class Answer:
    """The answer to one request, filled in while it comes. Times are seconds from the sending."""

    number: int
    status: int | None = None
    """None as long as nothing has come back."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Any = None
    """Parsed JSON, else the text; None for a stream."""
    streamed: bool = False
    text: str = ""
    """The text of a stream so far."""
    events: list[Event] = field(default_factory=list)
    """Events of a stream that are no text, such as `done` and `error`."""
    pieces: int = 0
    """Events of a stream that brought text."""
    first_token_seconds: float | None = None
    total_seconds: float = 0.0
    problem: str = ""
    """Why there is no whole answer, as a sentence; "" when there is."""

    @property
    def good(self) -> bool:
        """2xx and whole; a stream has said `done`."""
        fine = self.status is not None and 200 <= self.status < 300 and not self.problem
        return fine and (not self.streamed or self.event("done") is not None)

    @property
    def outcome(self) -> str:
        """The status; with a word for a stream that failed, or a word alone when nothing came."""
        if self.status is None:
            return "none"
        if self.streamed and self.event("error") is not None:
            return f"{self.status} error"
        if self.problem or (self.streamed and not self.good):
            return f"{self.status} cut"
        return str(self.status)

    def event(self, name: str) -> Event | None:
        return next((event for event in self.events if event.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """The keys that `course query --help` names."""
        return {
            "number": self.number,
            "status": self.status,
            "ok": self.good,
            "headers": dict(self.headers),
            "body": self.body,
            "text": self.text if self.streamed else None,
            "events": [{"event": event.name, "data": event.data} for event in self.events],
            "first_token_seconds": rounded(self.first_token_seconds),
            "total_seconds": rounded(self.total_seconds),
            "problem": self.problem or None,
        }


@dataclass(frozen=True)
class Figures:
    """Answers in figures. Times are those of the answers that came, in seconds."""

    count: int
    seconds: float
    by_outcome: Mapping[str, int]
    by_cache: Mapping[str, int]
    total: "Times | None"
    first_token: "Times | None"

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "seconds": rounded(self.seconds),
            "per_second": rounded(self.per_second),
            "by_status": dict(self.by_outcome),
            "by_cache": dict(self.by_cache),
            "total_seconds": self.total.as_json() if self.total else None,
            "first_token_seconds": self.first_token.as_json() if self.first_token else None,
        }


@dataclass(frozen=True)
class Times:
    """Of many times: the median, the one that 95 of 100 do not exceed, and the longest."""

    median: float
    p95: float
    longest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times | None":
        if not seconds:
            return None
        ordered = sorted(seconds)
        rank = -(-95 * len(ordered) // 100)  # the nearest rank, a time that was measured
        return cls(statistics.median(ordered), ordered[rank - 1], ordered[-1])

    def as_json(self) -> dict[str, Any]:
        names = {"median": self.median, "p95": self.p95, "max": self.longest}
        return {name: rounded(value) for name, value in names.items()}


def figures(answers: Sequence[Answer], seconds: float) -> Figures:
    """The answers in figures; they took `seconds` all together."""
    came = [answer for answer in answers if answer.status is not None]
    caches = Counter(answer.headers["x-cache"] for answer in came if "x-cache" in answer.headers)
    firsts = [a.first_token_seconds for a in came if a.first_token_seconds is not None]
    return Figures(
        count=len(answers),
        seconds=seconds,
        by_outcome=dict(sorted(Counter(answer.outcome for answer in answers).items())),
        by_cache=dict(sorted(caches.items())),
        total=Times.of([answer.total_seconds for answer in came]),
        first_token=Times.of(firsts),
    )


def parsed(text: str) -> Any:
    """JSON where it is JSON, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def rounded(seconds: float | None) -> float | None:
    """To tenths of a millisecond."""
    return None if seconds is None else round(seconds, 4)
