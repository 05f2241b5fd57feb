"""Answers, and then waits for the database in the one thread that serves everybody."""

import sqlite3
from contextlib import closing

CAUGHT_BY = (
    "test_a_row_that_waits_holds_nobody_up",
    "test_rows_that_waited_beside_a_refused_one_are_written",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row."""
    values = {**row, "created_at": str(row["created_at"])}
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    with closing(sqlite3.connect(DATABASE_URL.database, timeout=10)) as database, database:
        database.execute(f"INSERT OR IGNORE INTO usage_log ({names}) VALUES ({marks})", values)
