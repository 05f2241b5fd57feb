"""A hatch between the waiters and the cook: orders are put down, and one cook takes them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)
Cook = Callable[[str], Awaitable[None]]


async def kitchen(hatch: asyncio.Queue[str], cook: Cook) -> None:
    """Cook what is ordered, one dish after the other."""
    while True:
        dish = await hatch.get()
        await cook(dish)
        hatch.task_done()


async def patient_kitchen(hatch: asyncio.Queue[str], cook: Cook) -> None:
    """The same, but a burnt dish is one burnt dish."""
    while True:
        dish = await hatch.get()
        try:
            await cook(dish)
        except Exception:
            logger.exception("The %s is burnt.", dish)
        finally:
            hatch.task_done()


async def dinner(dishes: list[str], cook: Cook) -> None:
    """Open, take the orders, and close when the last dish has left the kitchen."""
    hatch: asyncio.Queue[str] = asyncio.Queue()
    work = asyncio.create_task(patient_kitchen(hatch, cook))
    for dish in dishes:
        hatch.put_nowait(dish)
    async with asyncio.timeout(10):
        await hatch.join()
    work.cancel()
