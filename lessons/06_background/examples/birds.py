"""A table, a row, a sum: SQLAlchemy without blocking the event loop."""

from sqlalchemy import Column, Integer, MetaData, String, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

metadata = MetaData()
sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bird", String, nullable=False),
    Column("number", Integer, nullable=False),
)


async def open_book(url: str) -> AsyncEngine:
    """The database at `url`, with the table in it."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return engine


async def saw(engine: AsyncEngine, bird: str, number: int) -> None:
    """One row; the end of the block is the commit."""
    async with engine.begin() as connection:
        await connection.execute(sightings.insert().values(bird=bird, number=number))


async def seen(engine: AsyncEngine, bird: str) -> int | None:
    """How many, in all; the sum of no rows is None."""
    total = select(func.sum(sightings.c.number)).where(sightings.c.bird == bird)
    async with engine.connect() as connection:
        return await connection.scalar(total)


async def extremes(engine: AsyncEngine, bird: str) -> tuple[int, int]:
    """The fewest and the most at once: two columns of one row."""
    both = select(func.min(sightings.c.number), func.max(sightings.c.number))
    async with engine.connect() as connection:
        fewest, most = (await connection.execute(both.where(sightings.c.bird == bird))).one()
    return fewest, most
