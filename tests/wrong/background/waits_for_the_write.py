"""Writes the row and answers then: whoever holds the database holds the answer."""

CAUGHT_BY = (
    "test_the_answer_arrives_while_another_process_holds_the_lock",
    "test_the_row_is_there_once_the_lock_is_gone",
    "test_a_row_that_waits_holds_nobody_up",
    "test_rows_that_waited_beside_a_refused_one_are_written",
)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row."""
    try:
        await save(log, row)
    except Exception:
        logger.exception("The row of request %s was not written.", row["request_id"])
