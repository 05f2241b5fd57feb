"""Apps forked from a warm parent: the parent as a process of ours, and the starter that asks it."""

import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from course.grading import channel
from course.grading.app_process import AppSpec, Handle

# What nearly every app imports, and what some lessons' apps import besides. Half of it is imported
# only when it is first used: a client, an endpoint, a request cost their fork 120 ms without it.
COMMON_STACK = (
    "anyio._backends._asyncio",
    "certifi",
    "concurrent.futures.thread",
    "encodings.idna",
    "fastapi.responses",
    "fastapi.telemetry._runtime",
    "httpcore",
    "httpx",
    "pydantic.v1",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
WHOLE_STACK = (*COMMON_STACK, "fastapi.security", "fastapi.sse", "pydantic_settings", "slowapi")


def forking_is_wanted() -> bool:
    """Forking works here and is not switched off (`COURSE_WARM=0`)."""
    available = hasattr(os, "fork") and hasattr(socket, "send_fds")
    return available and os.environ.get("COURSE_WARM") != "0"


class AppParentProcess:
    """The apps' parent as a child of ours: it leaves when `close` is called or we end."""

    def __init__(self, stack: Sequence[str], errors: int) -> None:
        self._owner, owner_side = socket.socketpair()
        self.requests, answers = socket.socketpair()
        with owner_side, answers:
            numbers = [owner_side.fileno(), answers.fileno()]
            arguments = [",".join(stack), *map(str, numbers)]
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-m", "course.grading.app_parent", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=numbers,
                start_new_session=True,
            )

    def close(self) -> None:
        """Let it go; it ends what it has started."""
        self._owner.close()
        self.requests.close()
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Forked:
    """An app forked by the warm parent; its exit code comes over a pipe."""

    def __init__(self, pid: int, exit_code: int) -> None:
        self.pid = pid
        self._pipe = exit_code
        self._code: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self.wait(0.0)

    def wait(self, timeout: float) -> int | None:
        with self._lock:
            if self._code is None and select.select([self._pipe], [], [], timeout)[0]:
                self._code = int(os.read(self._pipe, 16) or b"-9")
                os.close(self._pipe)
            return self._code


class WarmStarter:
    """Asks the apps' parent for a fork; thread safe."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._turn = threading.Lock()

    def of_a_worker(self) -> "WarmStarter":
        """Another one that asks the same parent, for a process of its own."""
        ours, theirs = socket.socketpair()
        with theirs, self._turn:
            channel.send(self._requests, {"do": "join"}, [theirs.fileno()])
        return WarmStarter(ours)

    def start(
        self,
        spec: AppSpec,
        listener: socket.socket,
        control: socket.socket,
        outputs: tuple[int, int],
    ) -> Handle:
        reading, writing = os.pipe()
        message = {
            "do": "start",
            **spec.as_settings(),
            "environment": dict(spec.environment),
        }
        descriptors = (listener.fileno(), control.fileno(), *outputs, writing)
        pid = self._ask(message, descriptors)["pid"]
        os.close(writing)
        return Forked(pid, reading)

    def sweep(self) -> None:
        self._ask({"do": "sweep"})

    def _ask(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        with self._turn:
            channel.send(self._requests, message, descriptors)
            answer = channel.receive(self._requests)
        if answer is None:
            raise ConnectionError("the parent of the apps has ended")
        return answer[0]
