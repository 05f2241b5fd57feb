"""Thinks that a failed call is not worth a place in the outbox."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    if row["status"] == "ok":
        await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
