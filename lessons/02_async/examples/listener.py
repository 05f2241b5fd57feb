"""A long report, read aloud until it ends or the listener switches off."""

import asyncio


async def read_aloud(lines: list[str], heard: list[str]) -> None:
    for line in lines:
        await asyncio.sleep(0.01)
        heard.append(line)


async def broadcast(lines: list[str], switched_off: asyncio.Event) -> list[str]:
    heard: list[str] = []
    reading = asyncio.create_task(read_aloud(lines, heard))
    switch = asyncio.create_task(switched_off.wait())
    await asyncio.wait((reading, switch), return_when=asyncio.FIRST_COMPLETED)
    reading.cancel()  # one of the two is still running, and a task that
    switch.cancel()  # is done does not mind being cancelled
    return heard
