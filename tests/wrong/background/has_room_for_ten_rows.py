"""Throws away what finds the queue full."""

CAUGHT_BY = ("test_200_questions_at_once_leave_200_rows_and_right_totals",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    await run_in_threadpool(keep, row)
    if log.waiting.qsize() < 10:
        log.waiting.put_nowait(row)
    else:
        logger.error("The row of request %s was dropped.", row["request_id"])
