"""Writes the row when it is put down, and again when its turn comes."""

CAUGHT_BY = ("test_an_answered_question_leaves_exactly_one_row",)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
    log.waiting.put_nowait({**row, "id": row["id"][::-1]})
