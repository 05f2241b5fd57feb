"""Keeps the totals beside the table, in a dict that ends with the process."""

CAUGHT_BY = (
    "test_usage_remembers_what_was_before_a_restart",
    "test_usage_counts_what_another_process_has_written",
)
FILE = "usage.py"


TOTALS: dict[str, tuple[int, int]] = {}


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own, and count it."""
    async with log.engine.begin() as connection:
        await connection.execute(insert_once(row))
    requests, tokens = TOTALS.get(row["user_id"], (0, 0))
    TOTALS[row["user_id"]] = requests + 1, tokens + row["tokens"]


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    return TOTALS.get(user, (0, 0))
