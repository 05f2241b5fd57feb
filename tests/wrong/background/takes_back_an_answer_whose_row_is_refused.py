"""Waits a moment for its row, and answers 500 when that is refused."""

from contextlib import suppress

from fastapi import HTTPException

CAUGHT_BY = ("test_a_refused_row_does_not_break_the_answer",)
FILE = "usage.py"


REFUSED: set[str] = set()


async def record(log: Log, row: Row) -> None:
    """Take a row, and see whether it can be written."""
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            await log.waiting.join()
    if row["id"] in REFUSED:
        raise HTTPException(500, "Your question could not be entered.")


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
        except Exception:
            REFUSED.add(row["id"])
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            log.waiting.task_done()
