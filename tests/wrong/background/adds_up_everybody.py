"""Counts all rows, whoever asks."""

CAUGHT_BY = (
    "test_200_questions_at_once_leave_200_rows_and_right_totals",
    "test_a_new_user_has_used_nothing",
    "test_usage_adds_up_the_callers_own_rows",
    "test_failed_questions_count_without_tokens",
)
FILE = "usage.py"


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of rows, and the sum of their tokens."""
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    async with log.engine.connect() as connection:
        requests, sum_of_tokens = (await connection.execute(select(func.count(), tokens))).one()
    return requests, sum_of_tokens
