"""Has a queue and a writer, and waits for the writer before it answers."""

CAUGHT_BY = (
    "test_the_answer_arrives_while_another_process_holds_the_lock",
    "test_the_row_is_there_once_the_lock_is_gone",
    "test_a_row_that_waits_holds_nobody_up",
    "test_rows_that_waited_beside_a_refused_one_are_written",
)
FILE = "usage.py"


ASKED: dict[str, asyncio.Event] = {}


async def record(log: Log, row: Row) -> None:
    """Take a row, and wait until it is written."""
    written = ASKED[row["id"]] = asyncio.Event()
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
    await written.wait()


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        try:
            await save(log, row)
            forget(row)
        except Exception:
            logger.exception("The row of request %s was not written.", row["request_id"])
        finally:
            log.waiting.task_done()
            if row["id"] in ASKED:
                ASKED.pop(row["id"]).set()
