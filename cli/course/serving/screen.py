"""Lines on standard output from several threads, whole and in turn."""

import os
import sys
import threading
from collections.abc import Callable


class Screen:
    """`on_gone` is called when nobody reads the output any more, as after `| head`."""

    def __init__(self, on_gone: Callable[[], None] = lambda: None) -> None:
        self._turn = threading.Lock()
        self._on_gone = on_gone
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")

    def say(self, *lines: str) -> None:
        """Our own lines."""
        self._write("".join(f"{line}\n" for line in lines))

    def pass_on(self, output: bytes) -> None:
        """What an app has printed, in whole lines."""
        self._write(output.decode("utf-8", "backslashreplace"))

    def _write(self, text: str) -> None:
        with self._turn:
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except OSError:
                give_up_standard_output()
                self._on_gone()


def give_up_standard_output() -> None:
    """Nobody reads it: what is still buffered goes nowhere, or Python ends with 120 over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
