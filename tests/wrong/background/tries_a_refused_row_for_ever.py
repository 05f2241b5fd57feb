"""Believes that every failure passes, and lets the others queue behind it."""

CAUGHT_BY = (
    "test_the_rows_after_a_refused_one_are_written",
    "test_rows_that_waited_beside_a_refused_one_are_written",
    "test_a_row_survives_kill_9_straight_after_the_answer",
    "test_a_refused_row_is_logged_with_its_request_id",
)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        while True:
            try:
                await save(log, row)
                break
            except Exception:
                logger.exception("The row of request %s was not written.", row["request_id"])
                await asyncio.sleep(0.5)
        forget(row)
        log.waiting.task_done()
