"""Writes row by row what it finds in its outbox, and in one transaction what waits later on."""

CAUGHT_BY = ("test_rows_that_waited_beside_a_refused_one_are_written",)
FILE = "usage.py"


async def save_all(log: Log, rows: list[Row]) -> None:
    """Write rows, in one transaction."""
    try:
        async with log.engine.begin() as connection:
            for row in rows:
                await connection.execute(insert_once(row))
        for row in rows:
            forget(row)
    except Exception:
        ids = ", ".join(row["request_id"] for row in rows)
        logger.exception("The rows of requests %s were not written.", ids)


async def write(log: Log) -> None:
    """Write what waits, for as long as the process lives."""
    while True:
        rows = [await log.waiting.get()]
        while not log.waiting.empty():
            rows.append(log.waiting.get_nowait())
        try:
            await save_all(log, rows)
        finally:
            for _ in rows:
                log.waiting.task_done()


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table, empty the outbox, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    for row in kept():
        await save_all(log, [row])
    writer = asyncio.create_task(write(log))
    yield log
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await log.waiting.join()
    except TimeoutError:
        logger.error("The end came before %d rows were written.", log.waiting.qsize())
    writer.cancel()
    await log.engine.dispose()
