"""Takes a database that is there for one that has the table."""

CAUGHT_BY = ("test_rows_outlive_a_restart",)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table in a new file, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    if not Path(str(DATABASE_URL.database)).exists():
        async with log.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    for row in kept():
        log.waiting.put_nowait(row)
    writer = asyncio.create_task(write(log))
    yield log
    async with asyncio.timeout(DRAIN_SECONDS):
        await log.waiting.join()
    writer.cancel()
    await log.engine.dispose()
