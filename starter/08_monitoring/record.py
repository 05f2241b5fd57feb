"""What is known of the request being answered: written where it is learned, read at its end.

A context variable is a global that each request has its own of, also in `await`s, tasks and
threads that the request starts.
"""

import re
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

SANE_ID = re.compile(r"[!-~]{1,128}")  # visible ASCII


@dataclass
class Record:
    """One request, as far as it is known."""

    method: str
    request_id: str
    trace_id: str = ""
    started: float = field(default_factory=time.perf_counter)
    route: str = "unknown"
    status: int = 500  # until another one is sent
    model: str | None = None  # the one that answered
    tokens: int | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.perf_counter() - self.started


RECORD: ContextVar[Record | None] = ContextVar("record", default=None)


def sane_id(sent: str) -> str:
    """The id that a caller sent, or a new one when that is not fit for a log."""
    return sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex
