"""Three stations have news for an office with two telephone lines."""

import asyncio

lines = asyncio.Semaphore(2)
talking = 0
most_talking = 0


async def listen(station: str) -> str:
    global talking, most_talking
    talking += 1
    most_talking = max(most_talking, talking)
    await asyncio.sleep(0.01)
    talking -= 1
    if station == "Bergen":
        raise ConnectionError("cut off")
    return f"{station}: rain"


async def call(station: str) -> str:
    async with lines:  # waits for a free line, and hangs up whatever happens
        return await listen(station)
