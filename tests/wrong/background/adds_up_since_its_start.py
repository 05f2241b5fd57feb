"""Adds up what was asked since the process began, though the table goes further back."""

from datetime import UTC

CAUGHT_BY = ("test_usage_remembers_what_was_before_a_restart",)
FILE = "usage.py"


STARTED = datetime.now(UTC)


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    own = select(func.count(), tokens).where(usage_log.c.user_id == user)
    async with log.engine.connect() as connection:
        since = own.where(usage_log.c.created_at >= STARTED)
        requests, sum_of_tokens = (await connection.execute(since)).one()
    return requests, sum_of_tokens
