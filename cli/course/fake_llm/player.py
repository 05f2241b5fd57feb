"""How an answer reaches its client: held, delayed, cut off, and every step in the ledger.

The ledger always knows of a step before the client can: what a test reads after it has seen an
answer is never behind.
"""

import asyncio
from functools import partial

from .answers import Plain, Stream
from .connection import Connection
from .ledger import Call, Ledger
from .replies import Reply


class Player:
    """Plays one answer on one connection."""

    def __init__(self, connection: Connection, ledger: Ledger, call: Call, reply: Reply) -> None:
        self._connection = connection
        self._ledger = ledger
        self._call = call
        self._reply = reply
        self._has_begun = False

    async def play(self, answer: Plain | Stream) -> None:
        """Play it to the end, which may be silence until the client leaves."""
        if self._reply.barrier is not None:
            note = partial(self._note, "waiting for other calls")
            await self._reply.barrier.wait(note, self._ledger.announce)
        if self._reply.delay:
            await asyncio.sleep(self._reply.delay)
        if isinstance(answer, Plain):
            await self._play_plain(answer)
        else:
            await self._play_stream(answer)

    def _note(self, what: str) -> None:
        self._ledger.note(self._call, what)

    async def _hold(self, what: str) -> None:
        if self._reply.gate is not None:
            note = partial(self._note, f"holding {what}")
            await self._reply.gate.take(note, self._ledger.announce)

    async def _play_plain(self, answer: Plain) -> None:
        self._ledger.made(self._call, answer.tokens)
        if await self._breaks_off(0, 1):
            return
        await self._hold("the answer")
        await self._connection.room()
        self._begin(answer.status, answer)
        if self._reply.silent_after or self._reply.hang_up_after:
            self._note("sent half the answer")
            self._connection.data(answer.body[: len(answer.body) // 2])
            self._connection.flush()
            await self._breaks_off(1, 1)
            return
        self._ledger.answered(self._call, answer.status)
        self._connection.data(answer.body)
        self._connection.end()

    async def _play_stream(self, answer: Stream) -> None:
        last = len(answer.chunks)
        for index in range(last + 1):
            if await self._breaks_off(index, last):
                return
            if _is_due(self._reply.malformed_after, index, last):
                self._send(answer, answer.malformed, "sent a malformed frame")
            if _is_due(self._reply.error_after, index, last):
                self._send(answer, answer.error, "sent an error frame")
                self._end()
                return
            if index < last:
                await self._play_chunk(answer, index)
        if not answer.chunks:
            self._send(answer, answer.role)
        for frame in answer.ending[:-1]:
            self._send(answer, frame)
        self._end(answer.ending[-1])

    async def _play_chunk(self, answer: Stream, index: int) -> None:
        if index:  # at least a turn for the others, and for the news that the client has left
            await asyncio.sleep(self._reply.chunk_delay)
        await self._hold(f"chunk {index + 1}")
        self._ledger.made(self._call, answer.chunks[index].tokens)
        await self._connection.room()
        if index == 0:
            self._send(answer, answer.role)
        self._ledger.sent_chunk(self._call)
        self._send(answer, answer.chunks[index].frame)

    async def _breaks_off(self, index: int, last: int) -> bool:
        """Whether the reply ends before this chunk; when it ends in silence, this never returns."""
        if _is_due(self._reply.silent_after, index, last):
            self._note("silent")
            await asyncio.get_running_loop().create_future()
        if _is_due(self._reply.hang_up_after, index, last):
            self._ledger.end(self._call, "hung_up", "hung up")
            self._connection.close()
            return True
        return False

    def _begin(self, status: int, answer: Plain | Stream) -> None:
        self._has_begun = True
        self._ledger.began(self._call, status)
        self._connection.head(status, answer.headers)

    def _send(self, answer: Stream, frame: bytes, what: str | None = None) -> None:
        if not self._has_begun:
            self._begin(200, answer)
        if what is not None:
            self._note(what)
        self._connection.data(frame)
        self._connection.flush()

    def _end(self, frame: bytes = b"") -> None:
        self._ledger.answered(self._call, 200)
        self._connection.data(frame)
        self._connection.end()


def _is_due(after: int | None, index: int, last: int) -> bool:
    """Whether the point "after so many chunks" is now; there are `last` chunks in all."""
    return after is not None and min(after, last) == index
