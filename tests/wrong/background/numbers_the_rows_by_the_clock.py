"""Believes that no two rows are made in the same millisecond."""

CAUGHT_BY = ("test_200_questions_at_once_leave_200_rows_and_right_totals",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    row["id"] = str(int(row["created_at"].timestamp() * 1000))
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
