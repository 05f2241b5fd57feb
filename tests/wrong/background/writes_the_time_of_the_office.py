"""Writes down what the clock on the wall says, nine hours ahead of UTC."""

from datetime import timedelta

CAUGHT_BY = (
    "test_the_row_says_when_in_utc",
    "test_a_failed_call_leaves_a_row",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    in_tokyo = row["created_at"] + timedelta(hours=9)
    async with log.engine.begin() as connection:
        await connection.execute(insert_once({**row, "created_at": in_tokyo}))
