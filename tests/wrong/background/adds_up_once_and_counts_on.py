"""Asks the database at its start, and believes that nobody else writes into it."""

CAUGHT_BY = ("test_usage_counts_what_another_process_has_written",)
FILE = "usage.py"


TOTALS: dict[str, tuple[int, int]] = {}


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own, and count it."""
    async with log.engine.begin() as connection:
        await connection.execute(insert_once(row))
    requests, tokens = TOTALS.get(row["user_id"], (0, 0))
    TOTALS[row["user_id"]] = requests + 1, tokens + row["tokens"]


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table when it is missing, write in the background, and end with an empty queue."""
    log = Log(make_engine(), asyncio.Queue())
    async with log.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        columns = usage_log.c.user_id, func.count(), func.sum(usage_log.c.tokens)
        for user, *counted in await connection.execute(select(*columns).group_by(columns[0])):
            TOTALS[user] = counted[0], counted[1]
    for row in kept():
        log.waiting.put_nowait(row)
    writer = asyncio.create_task(write(log))
    yield log
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await log.waiting.join()
    except TimeoutError:
        logger.error("The end came before %d rows were written.", log.waiting.qsize())
    writer.cancel()
    await log.engine.dispose()


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    return TOTALS.get(user, (0, 0))
