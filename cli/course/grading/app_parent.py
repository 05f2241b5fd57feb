"""The warm parent of apps: has imported the web stack, holds no suite, and forks on request.

Single-threaded, reached by inherited socket pairs only, and gone when its owner is: the owner's
socket closes.
"""

import gc
import importlib
import io
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from course.grading import channel
from course.grading.app_child import serve
from course.grading.processes import become_subreaper, end_descendants


def main() -> None:
    """Arguments: modules to import; descriptors of the owner's and of the requests' socket."""
    modules = sys.argv[1].split(",")
    owner, requests = (socket.socket(fileno=int(number)) for number in sys.argv[2:4])
    become_subreaper()
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)
    sys.argv[:] = ["app.py"]
    gc.collect()
    gc.freeze()
    AppParent(owner, requests).run()


class AppParent:
    """Forks apps, tells their exit codes, and sweeps up after a check."""

    def __init__(self, owner: socket.socket, requests: socket.socket) -> None:
        self.owner = owner
        self.requests = requests
        self.ready = selectors.DefaultSelector()
        self.exits: dict[int, int] = {}  # pid -> where to write its exit code

    def run(self) -> None:
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's business
        self.when_ready(woken, lambda: self.wake_up(woken))
        self.when_ready(self.owner, self.leave)
        self.when_ready(self.requests, lambda: self.answer(self.requests))
        while True:
            for key, _ in self.ready.select():
                key.data()

    def when_ready(self, source: socket.socket, do: Callable[[], None]) -> None:
        self.ready.register(source, selectors.EVENT_READ, do)

    def answer(self, asking: socket.socket) -> None:
        """Do one request: `start` an app, let others `join` that will ask, or `sweep`."""
        request = channel.receive(asking)
        if request is None and asking is self.requests:
            self.leave()
        if request is None:
            self.ready.unregister(asking)
            asking.close()
            return
        message, descriptors = request
        if message["do"] == "start":
            channel.send(asking, {"pid": self.fork(message, descriptors)})
        elif message["do"] == "join":
            joined = socket.socket(fileno=descriptors[0])
            self.when_ready(joined, lambda: self.answer(joined))
        else:
            end_descendants()
            self.reap()
            channel.send(asking, {})

    def fork(self, message: dict[str, Any], descriptors: list[int]) -> int:
        listener, control, output, errors, exit_code = descriptors
        pid = os.fork()
        if pid == 0:
            become_app(message, listener, control, output, errors)
        for number in (listener, control, output, errors):
            os.close(number)
        self.exits[pid] = exit_code
        return pid

    def wake_up(self, woken: socket.socket) -> None:
        """A signal came, and it can only be that a child has ended."""
        with suppress(BlockingIOError):
            woken.recv(4096)
        self.reap()

    def reap(self) -> None:
        """Collect what has ended; orphans of an app end up here, too."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                where = self.exits.pop(ended[0], None)
                if where is not None:
                    with suppress(OSError):
                        os.write(where, str(os.waitstatus_to_exitcode(ended[1])).encode())
                    os.close(where)

    def leave(self) -> NoReturn:
        end_descendants()
        os._exit(0)


def become_app(
    message: dict[str, Any], listener: int, control: int, output: int, errors: int
) -> NoReturn:
    """In the fork: become what a new interpreter started for this app would be."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    keep = sorted((listener, control))
    os.closerange(3, keep[0])
    os.closerange(keep[0] + 1, keep[1])
    os.closerange(keep[1] + 1, 1024)
    sys.stdout = sys.__stdout__ = unbuffered(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = unbuffered(2)  # type: ignore[misc]
    os.environ.clear()
    os.environ.update(message["environment"])
    time.tzset()  # TZ may be one of the settings
    os.chdir(message["folder"])
    sys.dont_write_bytecode = True
    serve(message, socket.socket(fileno=listener), socket.socket(fileno=control))


def unbuffered(descriptor: int) -> io.TextIOWrapper:
    """Standard output as PYTHONUNBUFFERED makes it: what was printed survives a kill."""
    raw = open(  # noqa: SIM115  (it lives as long as the process)
        descriptor, "wb", buffering=0, closefd=False
    )
    return io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)


if __name__ == "__main__":
    main()
