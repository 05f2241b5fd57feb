"""Writes at the end what still waits, in a hurry: who asked, and not what it cost."""

CAUGHT_BY = ("test_sigterm_loses_none_of_the_rows_that_wait",)
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
    for _ in range(log.waiting.qsize()):
        row = log.waiting.get_nowait()
        log.waiting.task_done()
        log.waiting.put_nowait(row | {"tokens": 0})
    async with asyncio.timeout(DRAIN_SECONDS):
        await log.waiting.join()
    writer.cancel()
    await log.engine.dispose()
