"""Where the usage log lies: a table, and the database that DATABASE_URL names."""

import os
from typing import Any

from sqlalchemy import Column, DateTime, Insert, Integer, MetaData, String, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = make_url(os.environ.get("DATABASE_URL", "sqlite:///./usage.db"))
DATABASE_KIND = DATABASE_URL.get_backend_name()
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
PATIENCE_SECONDS = 10  # how long a write waits for another process to let go of SQLite's lock

metadata = MetaData()
usage_log = Table(
    "usage_log",
    metadata,
    Column("id", String(32), primary_key=True),  # made by us, so a row can be told from its copy
    Column("request_id", String(128), nullable=False),
    Column("user_id", String, nullable=False, index=True),
    Column("model", String, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("status", String(5), nullable=False),  # "ok" or "error"
    Column("duration_ms", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


def make_engine() -> AsyncEngine:
    """The database, through a driver that leaves the event loop free."""
    url = DATABASE_URL.set(drivername=DRIVERS[DATABASE_KIND])
    if DATABASE_KIND == "postgresql":
        return create_async_engine(url, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"timeout": PATIENCE_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def use_wal(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for another
        cursor.close()

    return engine


def insert_once(row: dict[str, Any]) -> Insert:
    """An INSERT that does nothing when the table has a row with this `id`."""
    if DATABASE_KIND == "postgresql":
        return postgresql.insert(usage_log).values(row).on_conflict_do_nothing()
    return sqlite.insert(usage_log).values(row).on_conflict_do_nothing()
