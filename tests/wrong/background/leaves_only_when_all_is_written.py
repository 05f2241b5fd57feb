"""Tries a refused row again and again, and does not end before it is written."""

CAUGHT_BY = ("test_a_refused_row_does_not_keep_the_process",)
FILE = "usage.py"


DRAIN_SECONDS = None


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
            log.waiting.task_done()
        except Exception:
            logger.exception("The row of request %s was not written.", row["request_id"])
            asyncio.get_running_loop().call_later(1, log.waiting.put_nowait, row)
