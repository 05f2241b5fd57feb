"""Waits until the queue is empty, which it is as soon as the last row has been taken out."""

CAUGHT_BY = (
    "test_sigterm_after_the_answer_loses_no_row",
    "test_sigterm_loses_none_of_the_rows_that_wait",
    "test_an_answer_after_sigterm_leaves_its_row",
)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table when it is missing, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    for row in kept():
        log.waiting.put_nowait(row)
    writer = asyncio.create_task(write(log))
    yield log
    while not log.waiting.empty():
        await asyncio.sleep(0.05)
    writer.cancel()
    await log.engine.dispose()
