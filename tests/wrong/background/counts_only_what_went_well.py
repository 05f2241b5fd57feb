"""Leaves failed requests out of the count."""

CAUGHT_BY = ("test_failed_questions_count_without_tokens",)
FILE = "usage.py"


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    good = (usage_log.c.user_id == user) & (usage_log.c.status == "ok")
    async with log.engine.connect() as connection:
        found = await connection.execute(select(func.count(), tokens).where(good))
        requests, sum_of_tokens = found.one()
    return requests, sum_of_tokens
