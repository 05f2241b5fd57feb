"""Ctrl-C is the usual way to end a command that serves; SIGTERM and a closed terminal are too."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

ALSO = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ends the block at Ctrl-C, quietly."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
        raise KeyboardInterrupt

    before = [signal.signal(number, stop) for number in ALSO]
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in zip(ALSO, before, strict=True):
            signal.signal(number, handler)
