"""Who may connect: takes clients in up to a limit, and makes room when it is reached."""

import asyncio
import errno
import os
import socket

from .connection import Connection, Site
from .limits import Limits

_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_LATER = 0.05


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named, else some loops leave Nagle's delay on."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class Clients:
    """The open connections of one listener. Lives in the loop; only its size is read from outside.

    At the limit, newcomers wait in the kernel's queue. They get the place of a connection that was
    answered and is idle, or of one that has asked nothing for a while.
    """

    def __init__(self, listener: socket.socket, site: Site, limits: Limits) -> None:
        self._listener = listener
        self._site = site
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._connections: dict[Connection, None] = {}
        """In the order of their last answers."""
        self._leaving: set[Connection] = set()
        self._none_leaving = asyncio.Event()
        self._openings: set[asyncio.Task[None]] = set()
        self._count = 0
        listener.setblocking(False)
        self._resume()

    def __len__(self) -> int:
        return len(self._connections)

    def _resume(self) -> None:
        if self._listener.fileno() >= 0:
            self._loop.add_reader(self._listener, self._accept)

    def _accept_later(self) -> None:
        self._loop.remove_reader(self._listener)
        self._loop.call_later(_LATER, self._resume)

    def _accept(self) -> None:
        if not self._make_room():
            self._accept_later()
            return
        try:
            client, _ = self._listener.accept()
        except OSError as error:
            if error.errno in _NO_MORE_FILES:
                self._accept_later()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._count += 1
        connection = Connection(self._site, self._count)
        self._connections[connection] = None
        opening = self._loop.create_task(self._open(connection, client))
        self._openings.add(opening)
        opening.add_done_callback(self._openings.discard)

    async def _open(self, connection: Connection, client: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, client)
        except OSError:
            client.close()
            self.has_gone(connection)

    def _make_room(self) -> bool:
        """Whether one more may come; the quietest has to go for it."""
        if len(self._connections) < self._limits.connections:
            return True
        too_quiet = self._loop.time() - self._limits.crowded_seconds
        for connection in self._connections:
            is_idle = connection.has_answered or connection.quiet_since < too_quiet
            if is_idle and connection.call is None:
                self.drop(connection)
                return True
        return False

    def busy(self) -> list[Connection]:
        """Those whose call is open."""
        return [
            connection
            for connection in self._connections
            if connection.call is not None and connection.call.outcome == "open"
        ]

    def drop(self, connection: Connection) -> None:
        """Close a connection at once."""
        del self._connections[connection]
        self._leaving.add(connection)
        connection.abort()

    def has_answered(self, connection: Connection) -> None:
        """Put it last among those that may have to go."""
        if connection in self._connections:
            del self._connections[connection]
            self._connections[connection] = None

    def has_gone(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._leaving.discard(connection)
        if not self._leaving:
            self._none_leaving.set()

    async def close(self) -> None:
        """Close the listener and all connections, and wait until they are gone."""
        self._loop.remove_reader(self._listener)
        self._listener.close()
        await asyncio.gather(*self._openings)
        for connection in list(self._connections):
            self.drop(connection)
        self._none_leaving.clear()
        if self._leaving:
            await self._none_leaving.wait()
