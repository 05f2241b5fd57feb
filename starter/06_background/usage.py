"""The usage log: rows go into an outbox and a queue, and one task writes them."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from database import DATABASE_URL, insert_once, make_engine, metadata, usage_log

DRAIN_SECONDS = 10  # how long the end of the process waits for rows
OUTBOX = Path(f"{DATABASE_URL.database}-outbox")  # beside the database, when that is a file

Row = dict[str, Any]
logger = logging.getLogger("usage")


@dataclass(frozen=True)
class Log:
    """The open usage log: its database, and the rows that wait to be written."""

    engine: AsyncEngine
    waiting: asyncio.Queue[Row]


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    # TODO(row): `log.engine.begin()` is a transaction; what it gives you can `execute` an
    # `insert_once(row)`. When the block ends, the row is committed.
    return


def keep(row: Row) -> None:
    """Put a row into the outbox: once this returns, it outlives the process."""
    # TODO(durable): a file of its own in OUTBOX, as JSON. A crash in the middle of it must leave
    # nothing behind that looks like a row.
    return


def forget(row: Row) -> None:
    """Take a row out of the outbox: the database has it."""
    # TODO(durable): remove its file, if there is one.
    return


def kept() -> list[Row]:
    """The rows that an earlier process did not get to write."""
    # TODO(durable): make OUTBOX when it is missing, and read what is in it. `created_at` is a
    # datetime again.
    return []


async def record(log: Log, row: Row) -> None:
    """Take a row without waiting for the database."""
    # TODO(after): put the row into `log.waiting`. Nobody waits for the database here.
    # TODO(exact): 200 rows may come at once, and a queue with a limit would have to refuse some.
    # TODO(durable): `keep` it first, and remember that `keep` waits for a disk.
    await save(log, row)


async def write(log: Log) -> None:
    """Write what waits, row by row, for as long as the process lives."""
    # TODO(after): take a row from `log.waiting`, save it, say `task_done`; and the next.
    # TODO(isolated): a row that cannot be written is logged with its request id, and the next one
    # is written all the same.
    # TODO(durable): `forget` what is written.
    return


@asynccontextmanager
async def open_log() -> AsyncIterator[Log]:
    """Make the table when it is missing, write in the background, and end with an empty queue."""
    # TODO(row): make the table: `metadata.create_all` does, run by `run_sync` of a connection.
    # TODO(after): start `write` as a task, and keep hold of the task.
    # TODO(shutdown): what comes after the `yield` runs after the last answer. Wait until all rows
    # are written, but not for ever: DRAIN_SECONDS.
    # TODO(durable): what is `kept` from last time waits to be written, too.
    log = Log(make_engine(), asyncio.Queue())
    yield log
    await log.engine.dispose()


async def totals(log: Log, user: str) -> tuple[int, int]:
    """The number of a user's rows, and the sum of their tokens."""
    # TODO(usage): let the database count and add up. Only rows of this user, failed ones as well.
    # The sum of no rows is NULL.
    return 0, 0
