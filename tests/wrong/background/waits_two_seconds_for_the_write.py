"""Gives the database two seconds before it answers; nobody will mind."""

from contextlib import suppress

CAUGHT_BY = ("test_a_row_that_waits_holds_nobody_up",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    try:
        await run_in_threadpool(keep, row)
    except OSError:
        logger.exception("The outbox could not take the row of request %s.", row["request_id"])
    log.waiting.put_nowait(row)
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            await log.waiting.join()
