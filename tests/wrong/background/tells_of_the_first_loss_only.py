"""Says once that rows are lost, and spares the log all others."""

CAUGHT_BY = ("test_a_refused_row_is_logged_with_its_request_id",)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    losses = 0
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
        except Exception:
            losses += 1
            if losses == 1:
                logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            log.waiting.task_done()
