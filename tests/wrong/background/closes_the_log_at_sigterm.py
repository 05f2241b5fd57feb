"""Ends the writer at the signal, when some answers are still to come."""

import signal

CAUGHT_BY = ("test_an_answer_after_sigterm_leaves_its_row",)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        if not row:
            return
        try:
            await save(log, row)
            forget(row)
        except Exception:
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
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
    loop = asyncio.get_running_loop()
    usual: Any = signal.getsignal(signal.SIGTERM)

    def close(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(log.waiting.put_nowait, {})
        usual(number, frame)

    signal.signal(signal.SIGTERM, close)
    yield log
    await writer
    await log.engine.dispose()
