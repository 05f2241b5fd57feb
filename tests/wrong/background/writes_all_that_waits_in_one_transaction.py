"""Saves commits, and throws good rows away with a bad one."""

CAUGHT_BY = (
    "test_rows_that_waited_beside_a_refused_one_are_written",
    "test_a_row_survives_kill_9_straight_after_the_answer",
)
FILE = "usage.py"


async def save_all(log: Log, rows: list[Row]) -> None:
    """Write rows, in one transaction."""
    async with log.engine.begin() as connection:
        for row in rows:
            await connection.execute(insert_once(row))


async def write(log: Log) -> None:
    """Write what waits, for as long as the process lives."""
    while True:
        rows = [await log.waiting.get()]
        while not log.waiting.empty():
            rows.append(log.waiting.get_nowait())
        try:
            await save_all(log, rows)
            for row in rows:
                forget(row)
        except Exception:
            ids = ", ".join(row["request_id"] for row in rows)
            logger.exception("The rows of requests %s were not written.", ids)
        finally:
            for _ in rows:
                log.waiting.task_done()
