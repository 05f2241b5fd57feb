"""Writes the row when it is put down, and again when its turn comes."""

CAUGHT_BY = (
    "test_an_answered_question_leaves_exactly_one_row",
    "test_what_is_refused_leaves_no_row",
    "test_200_questions_at_once_leave_200_rows_and_right_totals",
    "test_usage_adds_up_the_callers_own_rows",
    "test_failed_questions_count_without_tokens",
    "test_usage_remembers_what_was_before_a_restart",
    "test_a_row_that_is_there_is_not_written_again",
)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
    log.waiting.put_nowait({**row, "id": row["id"][::-1]})
