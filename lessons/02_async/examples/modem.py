"""A driver that blocks, called from asynchronous code without holding it up."""

import asyncio
import time


def dial(station: str) -> str:
    """The vendor's driver: it cannot be awaited."""
    time.sleep(0.05)
    return f"{station}: fog"


async def in_the_loop(stations: list[str]) -> list[str]:
    return [dial(station) for station in stations]


async def in_threads(stations: list[str]) -> list[str]:
    return await asyncio.gather(*(asyncio.to_thread(dial, station) for station in stations))
