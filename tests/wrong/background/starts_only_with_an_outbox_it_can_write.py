"""Writes what it finds in its outbox before it starts, and fails with the first refused row."""

CAUGHT_BY = ("test_a_row_survives_kill_9_straight_after_the_answer",)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table, empty the outbox, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    for row in kept():
        await save(log, row)
        forget(row)
    writer = asyncio.create_task(write(log))
    yield log
    async with asyncio.timeout(DRAIN_SECONDS):
        await log.waiting.join()
    writer.cancel()
    await log.engine.dispose()
