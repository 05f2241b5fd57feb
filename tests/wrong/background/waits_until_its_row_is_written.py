"""Has a queue and a writer, and waits for the queue to be empty before it answers."""

CAUGHT_BY = (
    "test_the_answer_arrives_while_another_process_holds_the_lock",
    "test_the_row_is_there_once_the_lock_is_gone",
    "test_a_row_that_waits_holds_nobody_up",
    "test_rows_that_waited_beside_a_refused_one_are_written",
)
FILE = "usage.py"


async def record(log: Log, row: Row) -> None:
    """Take a row."""
    await run_in_threadpool(keep, row)
    log.waiting.put_nowait(row)
    await log.waiting.join()
