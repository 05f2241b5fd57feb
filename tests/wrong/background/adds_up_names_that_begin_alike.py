"""Looks for the user with a pattern, and finds everybody whose name goes on from there."""

CAUGHT_BY = ("test_usage_adds_up_the_callers_own_rows",)
FILE = "usage.py"


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    own = select(func.count(), tokens).where(usage_log.c.user_id.startswith(user))
    async with log.engine.connect() as connection:
        requests, sum_of_tokens = (await connection.execute(own)).one()
    return requests, sum_of_tokens
