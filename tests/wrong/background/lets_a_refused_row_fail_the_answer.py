"""Writes the row in the request, where its failure becomes the caller's."""

CAUGHT_BY = (
    "test_the_answer_arrives_while_another_process_holds_the_lock",
    "test_the_row_is_there_once_the_lock_is_gone",
    "test_a_row_that_waits_holds_nobody_up",
    "test_a_refused_row_does_not_break_the_answer",
    "test_a_refused_row_is_logged_with_its_request_id",
    "test_the_rows_after_a_refused_one_are_written",
    "test_rows_that_waited_beside_a_refused_one_are_written",
    "test_a_refused_row_does_not_keep_the_process",
)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row."""
    await save(log, row)
