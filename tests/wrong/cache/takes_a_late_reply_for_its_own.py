"""Asks the next question on a connection to Redis whose last reply has not come."""

import asyncio
from urllib.parse import urlsplit

from redis import RedisError

CAUGHT_BY = ("test_what_a_silent_redis_says_late_answers_no_other_question",)
FILE = "cache.py"


class RedisCache:
    """Texts in Redis, each for `ttl` seconds."""

    def __init__(self, url: str, ttl: float) -> None:
        self.url = urlsplit(url)
        self.ttl = ttl
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, key: str) -> str | bytes | None:
        """The text kept under `key`."""
        return await self.command(b"GET", key.encode())

    async def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`."""
        time_to_live = b"%d" % round(self.ttl * 1000)
        await self.command(b"SET", key.encode(), text.encode(), b"PX", time_to_live)

    async def command(self, *parts: bytes) -> bytes | None:
        """What Redis says to a command, within 0.2 seconds."""
        try:
            async with asyncio.timeout(0.2):
                reader, writer = (
                    self.free.pop()
                    if self.free
                    else await asyncio.open_connection(self.url.hostname, self.url.port)
                )
                return await self.converse(reader, writer, parts)
        except (OSError, EOFError) as error:  # a TimeoutError is an OSError
            raise RedisError from error

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: tuple[bytes, ...]
    ) -> bytes | None:
        """Send, read, and give the connection back, whatever happened but its end."""
        try:
            writer.write(b"*%d\r\n" % len(parts))
            writer.writelines(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
            head = await reader.readuntil(b"\r\n")
            size = int(head[1:]) if head.startswith(b"$") else -1
            return (await reader.readexactly(size + 2))[:-2] if size >= 0 else None
        finally:
            if not reader.at_eof() and not reader.exception():
                self.free.append((reader, writer))

    async def close(self) -> None:
        """Close the connections."""
        for _, writer in self.free:
            writer.close()
