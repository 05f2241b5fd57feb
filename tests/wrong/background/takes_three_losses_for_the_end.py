"""Has seen three rows refused, and tries no other one any more."""

CAUGHT_BY = ("test_the_rows_after_a_refused_one_are_written",)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    losses = 0
    while True:
        row = await log.waiting.get()
        try:
            if losses >= 3:
                raise ConnectionError("The database takes nothing.")
            await save(log, row)
            forget(row)
        except Exception:
            losses += 1
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            log.waiting.task_done()
