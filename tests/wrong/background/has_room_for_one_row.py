"""Lets one row wait; whoever brings the next one waits with it."""

CAUGHT_BY = (
    "test_a_row_that_waits_holds_nobody_up",
    "test_rows_that_waited_beside_a_refused_one_are_written",
)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row."""
    await run_in_threadpool(keep, row)
    while log.waiting.qsize() >= 1:
        await asyncio.sleep(0.001)
    log.waiting.put_nowait(row)
