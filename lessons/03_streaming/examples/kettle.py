"""Waiting for two things at once: `wait` leaves alone what it waited for, `wait_for` does not."""

import asyncio


async def watch(kettle: asyncio.Task[str], seconds: float) -> list[str]:
    """What a watcher says, who looks up every so often until the kettle boils."""
    said = []
    try:
        while not kettle.done():
            await asyncio.wait({kettle}, timeout=seconds)
            said.append(kettle.result() if kettle.done() else "not yet")
        return said
    finally:
        kettle.cancel()


async def watch_and_spill(kettle: asyncio.Task[str], seconds: float) -> list[str]:
    """The same with `wait_for`, which takes the kettle off the fire when time is up."""
    said = []
    while not kettle.done():
        try:
            said.append(await asyncio.wait_for(kettle, seconds))
        except TimeoutError:
            said.append("not yet")
    return said
