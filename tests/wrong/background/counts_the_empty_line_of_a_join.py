"""Joins the user with the rows, and counts the empty line that a join leaves for none."""

from sqlalchemy import literal

CAUGHT_BY = ("test_a_new_user_has_used_nothing",)
FILE = "usage.py"


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    asker = select(literal(user).label("user_id")).subquery()
    joined = asker.outerjoin(usage_log, usage_log.c.user_id == asker.c.user_id)
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    async with log.engine.connect() as connection:
        found = await connection.execute(select(func.count(), tokens).select_from(joined))
        requests, sum_of_tokens = found.one()
    return requests, sum_of_tokens
