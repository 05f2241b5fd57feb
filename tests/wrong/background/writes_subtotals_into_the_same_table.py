"""Writes a user's subtotal among the rows when nobody asks, and leaves it out when it adds up."""

import uuid
from collections import Counter
from datetime import UTC

CAUGHT_BY = ("test_an_answered_question_leaves_exactly_one_row",)
FILE = "usage.py"


async def save_subtotal(log: Log, user: str, tokens: int) -> None:
    """Write what a user has spent since nobody asked last."""
    row: Row = {
        "id": uuid.uuid4().hex,
        "request_id": "subtotal",
        "user_id": user,
        "model": "",
        "tokens": tokens,
        "status": "total",
        "duration_ms": 0,
        "created_at": datetime.now(UTC),
    }
    try:
        await save(log, row)
    except Exception:
        logger.exception("A subtotal was not written.")


async def write(log: Log) -> None:
    """Write what waits, row by row, and subtotals when nothing does."""
    spent = Counter[str]()
    while True:
        try:
            async with asyncio.timeout(0.15 if spent else None):
                row = await log.waiting.get()
        except TimeoutError:
            for user, tokens in spent.items():
                await save_subtotal(log, user, tokens)
            spent.clear()
            continue
        try:
            await save(log, row)
            forget(row)
            if row["tokens"]:
                spent[row["user_id"]] += row["tokens"]
        except Exception:
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            log.waiting.task_done()


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    tokens = func.coalesce(func.sum(usage_log.c.tokens), 0)
    own = select(func.count(), tokens).where(usage_log.c.user_id == user)
    async with log.engine.connect() as connection:
        rows = own.where(usage_log.c.status != "total")
        requests, sum_of_tokens = (await connection.execute(rows)).one()
    return requests, sum_of_tokens
