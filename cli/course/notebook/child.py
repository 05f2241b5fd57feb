"""Serves one app file on a free port, and ends with the process that started it.

It is run by its path, so it needs nothing of the course. Its first output is the port, once it
serves; what the app prints goes to stderr. It leaves when its stdin closes, which happens however
the other process ends.
"""

import asyncio
import importlib
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn


class Server(uvicorn.Server):
    """uvicorn, telling its port once it serves."""

    def __init__(self, config: uvicorn.Config, tell_to: int) -> None:
        super().__init__(config)
        self.tell_to = tell_to

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            os.write(self.tell_to, b"%d\n" % sockets[0].getsockname()[1])


def leave_when_stdin_closes() -> None:
    """Not a clean shutdown: the app may be blocked, and it is nobody's any more."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    tell_to = os.dup(1)
    os.dup2(2, 1)
    threading.Thread(target=leave_when_stdin_closes, daemon=True).start()
    file = Path(sys.argv[1])
    sys.path.insert(0, str(file.parent))
    app = importlib.import_module(file.stem).app
    # With IPPROTO_TCP asyncio sets TCP_NODELAY; else each token may wait 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    server = Server(uvicorn.Config(app, log_level="warning"), tell_to)
    asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
