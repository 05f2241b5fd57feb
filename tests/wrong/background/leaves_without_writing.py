"""Ends the writer with the process, whatever it has in hand."""

CAUGHT_BY = (
    "test_sigterm_after_the_answer_loses_no_row",
    "test_sigterm_loses_none_of_the_rows_that_wait",
    "test_an_answer_after_sigterm_leaves_its_row",
)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table when it is missing, and write in the background."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    for row in kept():
        log.waiting.put_nowait(row)
    writer = asyncio.create_task(write(log))
    yield log
    writer.cancel()
    await log.engine.dispose()
