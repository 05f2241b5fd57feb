"""Logs the failure, and not whose it was."""

CAUGHT_BY = ("test_a_refused_row_is_logged_with_its_request_id",)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
        except Exception as error:
            logger.error("A row was not written: %s", type(error).__name__)
        finally:
            log.waiting.task_done()
