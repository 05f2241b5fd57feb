"""One at a time on the ladder, and whoever falls off it is off it."""

from collections.abc import Iterator
from contextlib import contextmanager


class Ladder:
    """Remembers whether it is in use, and how many have fallen in a row."""

    def __init__(self) -> None:
        self.in_use = False
        self.falls = 0

    @contextmanager
    def climb(self) -> Iterator[None]:
        """Have the ladder for as long as the block lasts."""
        if self.in_use:
            raise BlockingIOError("Somebody is on it.")
        self.in_use = True
        try:
            yield
        except ValueError:  # a fall
            self.falls += 1
            raise
        else:
            self.falls = 0
        finally:
            self.in_use = False
