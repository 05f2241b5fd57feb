"""Puts the values into the SQL itself, where a quotation mark in one of them ends it."""

CAUGHT_BY = (
    "test_a_sane_request_id_is_kept",
    "test_usage_adds_up_the_callers_own_rows",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    names = ", ".join(row)
    values = ", ".join(f"'{value}'" for value in row.values())
    async with log.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"INSERT OR IGNORE INTO usage_log ({names}) VALUES ({values})"
        )
