"""Takes the row it has in hand when the end comes for broken off, and crosses out its price."""

from sqlalchemy import update

CAUGHT_BY = ("test_sigterm_after_the_answer_loses_no_row",)
FILE = "usage.py"


IN_HAND: list[str] = []


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        IN_HAND.append(row["id"])
        try:
            await save(log, row)
            forget(row)
        except Exception:
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            IN_HAND.remove(row["id"])
            log.waiting.task_done()


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
    broken_off = usage_log.c.id.in_(list(IN_HAND))
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await log.waiting.join()
    except TimeoutError:
        logger.error("The end came before %d rows were written.", log.waiting.qsize())
    async with log.engine.begin() as connection:
        await connection.execute(update(usage_log).where(broken_off).values(tokens=0))
    writer.cancel()
    await log.engine.dispose()
