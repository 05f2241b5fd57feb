"""Gives the answer another id than the row."""

CAUGHT_BY = ("test_an_answered_question_leaves_exactly_one_row",)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    async with log.engine.begin() as connection:
        await connection.execute(insert_once({**row, "request_id": row["id"]}))
