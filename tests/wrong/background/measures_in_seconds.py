"""Writes seconds into a column of milliseconds."""

CAUGHT_BY = (
    "test_the_row_says_how_long_the_llm_took",
    "test_a_silent_llm_leaves_a_row",
    "test_a_failed_call_leaves_a_row",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    seconds = row["duration_ms"] // 1000
    async with log.engine.begin() as connection:
        await connection.execute(insert_once({**row, "duration_ms": seconds}))
