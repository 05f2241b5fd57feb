"""Makes the table at each start, and throws the old one away to do so."""

CAUGHT_BY = (
    "test_rows_outlive_a_restart",
    "test_usage_remembers_what_was_before_a_restart",
    "test_a_row_that_is_there_is_not_written_again",
)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
    for row in kept():
        log.waiting.put_nowait(row)
    writer = asyncio.create_task(write(log))
    yield log
    await log.waiting.join()
    writer.cancel()
    await log.engine.dispose()
