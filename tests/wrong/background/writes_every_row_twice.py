"""Makes sure of each row by writing it again."""

CAUGHT_BY = (
    "test_an_answered_question_leaves_exactly_one_row",
    "test_what_is_refused_leaves_no_row",
    "test_a_failed_call_leaves_a_row",
    "test_200_questions_at_once_leave_200_rows_and_right_totals",
    "test_usage_adds_up_the_callers_own_rows",
    "test_failed_questions_count_without_tokens",
    "test_usage_remembers_what_was_before_a_restart",
    "test_a_row_that_is_there_is_not_written_again",
    "test_usage_counts_what_another_process_has_written",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    async with log.engine.begin() as connection:
        await connection.execute(insert_once(row))
        await connection.execute(insert_once({**row, "id": row["id"][::-1]}))
