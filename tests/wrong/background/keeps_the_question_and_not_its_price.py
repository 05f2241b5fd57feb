"""Writes into the outbox that there was a question, and nothing of what it cost."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    await run_in_threadpool(keep, row | {"tokens": 0, "status": "error"})
    log.waiting.put_nowait(row)
