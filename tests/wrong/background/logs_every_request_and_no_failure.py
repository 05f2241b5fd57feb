"""Prints the id of every request, and takes that for a log of the lost ones."""

CAUGHT_BY = ("test_a_refused_row_is_logged_with_its_request_id",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    logger.warning("query %s", row["request_id"])
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
        except Exception:
            pass
        finally:
            log.waiting.task_done()
