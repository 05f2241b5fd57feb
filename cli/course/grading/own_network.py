"""An audit hook that keeps a process of tests to itself: loopback, and its own servers there."""

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class OwnNetwork:
    """Refuses every look-up and connection that leaves the process's own servers, and tells it.

    `strangers` are the listeners that were there before the tests: port and inode of each.
    A connection to anything else on loopback is to a server of the tests, or to nobody.
    """

    def __init__(self, strangers: Iterable[tuple[int, int]], report: Callable[..., None]) -> None:
        self._strangers = {tuple(one) for one in strangers}
        self._report = report

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in LOOK_UPS:
            host = arguments[0]
            if not is_here(host):
                self._tell(f"looked up {text_of(host)}")
                raise socket.gaierror(socket.EAI_NONAME, "no name is known in these tests")
        elif event in SENDS and (address := arguments[1]) and isinstance(address, tuple):
            host, port = address[:2]
            if not is_here(host) or self._is_a_strangers(port):
                self._tell(f"connected to {text_of(host)}:{port}")
                raise OSError(errno.ENETUNREACH, "no network is reached in these tests")
        elif event == "socket.bind" and isinstance(arguments[1], tuple) and arguments[1][1]:
            self._report("fixed port")

    def _tell(self, what: str) -> None:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
        self._report("connection", what=what, test=test)

    def _is_a_strangers(self, port: int) -> bool:
        suspects = {one for one in self._strangers if one[0] == port}
        return bool(suspects) and not suspects.isdisjoint(listeners())


def is_here(host: Any) -> bool:
    """Is it this machine, by an address or a name that needs no look-up?"""
    name = text_of(host)
    if name in ("", "localhost", socket.gethostname()):
        return True
    with suppress(ValueError):
        address = ip_address(name.partition("%")[0])
        return address.is_loopback or address.is_unspecified
    return False


def text_of(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")


def listeners() -> set[tuple[int, int]]:
    """Port and inode of all that listen on TCP here (Linux; elsewhere none are known)."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6") if sys.platform == "linux" else ():
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A":
                    found.add((int(fields[1].rpartition(":")[2], 16), int(fields[9])))
    return found
