"""Has a loop that ends with the first exception, and nobody who notices."""

CAUGHT_BY = (
    "test_a_refused_row_is_logged_with_its_request_id",
    "test_the_rows_after_a_refused_one_are_written",
    "test_rows_that_waited_beside_a_refused_one_are_written",
    "test_a_row_survives_kill_9_straight_after_the_answer",
)
FILE = "usage.py"


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    while True:
        row = await log.waiting.get()
        await save(log, row)
        forget(row)
        log.waiting.task_done()
