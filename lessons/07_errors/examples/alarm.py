"""Two things are under way, and the first to end decides about the other."""

import asyncio
from collections.abc import Coroutine


async def stop_at(alarm: asyncio.Event, sleeper: asyncio.Task[str]) -> None:
    """Wait for the alarm, and end the sleep."""
    await alarm.wait()
    sleeper.cancel()


async def sleep_until(alarm: asyncio.Event, dream: Coroutine[None, None, str]) -> str:
    """The end of the dream, if there is one."""
    sleeper = asyncio.create_task(dream)
    clock = asyncio.create_task(stop_at(alarm, sleeper))
    try:
        return await sleeper
    except asyncio.CancelledError:
        if not clock.done():  # it was not the alarm: somebody wants us to stop, too
            raise
        return "awake"
    finally:
        clock.cancel()
