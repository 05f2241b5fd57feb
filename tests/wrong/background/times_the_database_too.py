"""Stops the clock when the row is written, and calls all of it the LLM's time."""

from datetime import UTC

from sqlalchemy import update

CAUGHT_BY = ("test_the_row_is_there_once_the_lock_is_gone",)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, and how long that took from the question on."""
    own = usage_log.c.id == row["id"]
    async with log.engine.begin() as connection:
        await connection.execute(insert_once(row))
        since = (datetime.now(UTC) - row["created_at"]).total_seconds()
        took = row["duration_ms"] + round(since * 1000)
        await connection.execute(update(usage_log).where(own).values(duration_ms=took))
