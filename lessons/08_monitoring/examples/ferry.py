"""Is the ferry running? Many ask, and the harbour is called only when the news is a minute old."""

import time
from collections.abc import Awaitable, Callable


class Ferry:
    def __init__(self, call_the_harbour: Callable[[], Awaitable[bool]]) -> None:
        self.call_the_harbour = call_the_harbour
        self.runs = False
        self.called_at = float("-inf")

    async def is_running(self) -> bool:
        if time.monotonic() - self.called_at >= 60:
            self.runs = await self.call_the_harbour()
            self.called_at = time.monotonic()
        return self.runs
