"""Trusts the sum of no rows to be zero."""

CAUGHT_BY = (
    "test_a_new_user_has_used_nothing",
    "test_usage_counts_what_another_process_has_written",
)
FILE = "usage.py"


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    tokens = func.sum(usage_log.c.tokens)
    own = select(func.count(), tokens).where(usage_log.c.user_id == user)
    async with log.engine.connect() as connection:
        requests, sum_of_tokens = (await connection.execute(own)).one()
    return requests, sum_of_tokens
