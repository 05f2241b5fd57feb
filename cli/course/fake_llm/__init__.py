"""A fake LLM: a real OpenAI-compatible HTTP server, deterministic and scriptable, with a ledger."""

from .failing import failing
from .ledger import Call, Event
from .limits import Limits
from .replies import Barrier, Gate, Reply, Usage
from .server import FakeLLM

__all__ = [
    "Barrier",
    "Call",
    "Event",
    "FakeLLM",
    "Gate",
    "Limits",
    "Reply",
    "Usage",
    "failing",
]
