"""From SIGTERM to the end: say so, go on serving for a while, and leave when all is said."""

import asyncio
import signal
from types import FrameType

import uvicorn

from app.settings import SETTINGS


class Drain:
    """How far the process is on its way out: `begun` with SIGTERM, `over` when time is up."""

    def __init__(self) -> None:
        self.begun = False
        self.over = asyncio.Event()


DRAIN = Drain()


class DrainingServer(uvicorn.Server):
    """uvicorn, but for SIGTERM: it closes its door only when nobody is sent here any more."""

    # TODO(drain): by itself, `handle_exit` notes a signal and sets `should_exit`; within a tenth
    # of a second `main_loop` ends, no connection is taken any more, and when the last answer is
    # out the signal is raised once more, so that the exit code is not 0. On SIGTERM, instead:
    # 1. say so: DRAIN.begun. `ready` in api.py looks at it;
    # 2. go on for `SETTINGS.drain_seconds`, then set `should_exit`: uvicorn closes its door and
    #    waits for what is open;
    # 3. after another `SETTINGS.shutdown_grace_seconds` set DRAIN.over, for open streams.
    # A signal handler runs between any two lines of any function. It may ask the loop to begin
    # something (`call_soon_threadsafe`), and it must not wait for anything itself.

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM begins the drain; Ctrl-C, or a signal before we serve, ends the process."""
        super().handle_exit(sig, frame)
