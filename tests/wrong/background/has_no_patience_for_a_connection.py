"""Gives each row a task and five connections to all, and drops who waits for one."""

CAUGHT_BY = ("test_200_questions_at_once_leave_200_rows_and_right_totals",)
FILE = "usage.py"


CONNECTIONS = asyncio.Semaphore(5)
TASKS: set[asyncio.Task[None]] = set()


async def write_one(log: Log, row: Row) -> None:
    """Write a row, if a connection is free soon."""
    try:
        async with asyncio.timeout(0.02):
            await CONNECTIONS.acquire()
    except TimeoutError:
        logger.error("There was no connection for the row of request %s.", row["request_id"])
        return
    try:
        await save(log, row)
        forget(row)
    except Exception:
        logger.exception("The row of request %s was not written.", row["request_id"])
    finally:
        CONNECTIONS.release()
        log.waiting.task_done()


async def write(log: Log) -> None:
    """Write what waits, for as long as the process lives."""
    while True:
        task = asyncio.create_task(write_one(log, await log.waiting.get()))
        TASKS.add(task)
        task.add_done_callback(TASKS.discard)
