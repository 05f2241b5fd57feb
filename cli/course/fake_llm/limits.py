"""What one client may cost the fake LLM at most."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The defaults are far above what a test needs and far below what hurts."""

    body_bytes: int = 1024 * 1024
    """A longer request body is read, thrown away and answered with 413."""
    head_bytes: int = 64 * 1024
    """A longer request line with headers is answered with 431."""
    request_seconds: float = 10.0
    """A request that takes longer to arrive is answered with 408."""
    connections: int = 256
    """More clients than that wait until one has been served."""
    crowded_seconds: float = 1.0
    """While others wait, a connection that has asked nothing for so long is closed. A client that
    was refused for bad HTTP has as long to read why."""
    calls: int = 10_000
    """The ledger forgets the oldest requests beyond that; its counters go on."""
    ledger_bytes: int = 16 * 1024 * 1024
    """The same for the size of the requests kept, as they came over the wire."""
    events: int = 100_000
    """The same for events."""
