"""Writes rows again after a restart, under a new id, and leaves copies out when it adds up."""

import uuid

CAUGHT_BY = ("test_a_row_that_is_there_is_not_written_again",)
FILE = "usage.py"


def forget(row: Row) -> None:
    """Leave it: it does no harm."""


def kept() -> list[Row]:
    """The rows of earlier processes."""
    OUTBOX.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in OUTBOX.glob("*.json")]
    return [
        row | {"id": uuid.uuid4().hex, "created_at": datetime.fromisoformat(row["created_at"])}
        for row in rows
    ]


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens, each request once."""
    columns = usage_log.c.request_id, usage_log.c.tokens
    own = select(*columns).where(usage_log.c.user_id == user).distinct().subquery()
    async with log.engine.connect() as connection:
        sums = select(func.count(), func.coalesce(func.sum(own.c.tokens), 0)).select_from(own)
        requests, sum_of_tokens = (await connection.execute(sums)).one()
    return requests, sum_of_tokens
