"""Lets the writer finish the row it has in hand, and no other."""

CAUGHT_BY = ("test_sigterm_loses_none_of_the_rows_that_wait",)
FILE = "usage.py"


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table when it is missing, and write in the background."""
    log = Log(make_engine(), asyncio.Queue())
    written = asyncio.Event()
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    for row in kept():
        log.waiting.put_nowait(row)

    async def write_and_tell() -> None:
        while True:
            row = await log.waiting.get()
            try:
                await save(log, row)
                forget(row)
            except Exception:
                logger.exception("The row of request %s was not written.", row["request_id"])
            written.set()

    writer = asyncio.create_task(write_and_tell())
    yield log
    written.clear()
    await asyncio.wait_for(written.wait(), 2)
    writer.cancel()
    await log.engine.dispose()
