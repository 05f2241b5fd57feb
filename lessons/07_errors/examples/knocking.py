"""Knock again, a little later each time, and never exactly then."""

import asyncio
import random
from collections.abc import Awaitable, Callable


def pauses(knocks: int, first: float) -> list[float]:
    """Between knocks: anything from nothing to a limit that doubles."""
    return [random.uniform(0, first * 2**pause) for pause in range(knocks - 1)]


async def knock(door: Callable[[], Awaitable[bool]], knocks: int, patience: float) -> bool:
    """Whether somebody opened; all knocks and pauses together take `patience` seconds at most."""
    try:
        async with asyncio.timeout(patience):
            for pause in [*pauses(knocks, first=0.01), 0.0]:
                if await door():
                    return True
                await asyncio.sleep(pause)
    except TimeoutError:
        pass
    return False
