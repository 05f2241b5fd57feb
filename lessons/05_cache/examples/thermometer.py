"""One reading for all who ask while it is being taken."""

import asyncio
from collections.abc import Awaitable, Callable


class Thermometer:
    def __init__(self, read: Callable[[], Awaitable[float]]) -> None:
        self.read = read
        self.reading: asyncio.Future[float] | None = None

    async def temperature(self) -> float:
        if self.reading is None:
            self.reading = asyncio.ensure_future(self.read())
            self.reading.add_done_callback(self.forget)
        return await asyncio.shield(self.reading)

    def forget(self, _: object) -> None:
        self.reading = None
