"""Commands that serve, as processes: what they print is waited for, and nothing of them stays."""

import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course.grading.processes import descendants, end_group

LIMIT = 20.0


class Served:
    """A running `course ...`. Its output grows; `wait_for` waits for a text in it."""

    def __init__(self, *arguments: str, cwd: Path | None = None, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "course", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        self.changed = threading.Condition()
        self.output = ""
        self.closed = False
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                with self.changed:
                    self.output += chunk.decode()
                    self.changed.notify_all()
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def wait_for(self, text: str, times: int = 1) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.output.count(text) >= times or self.closed, LIMIT)
            assert self.output.count(text) >= times, f"no {text!r} in: {self.output}"

    def wait_until_silent(self) -> None:
        """Until nobody holds the other end of the pipe: all its processes are gone."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.closed, LIMIT), self.output

    @property
    def url(self) -> str:
        """The address of the app (or of the LLM), once it was told."""
        self.wait_for("Ctrl-C ends")
        found = re.search(r"(?:app|LLM) +(http://\S+)", self.output)
        assert found is not None, self.output
        return found[1]

    def stop(self, how: int = signal.SIGINT) -> int:
        """Ask it to end; the exit code. Fails when a process of it is left."""
        below = [os.pidfd_open(pid) for pid in descendants(self.process.pid)]
        self.process.send_signal(how)
        code = self.process.wait(LIMIT)
        self.wait_until_silent()
        for process in below:
            ended, _, _ = select.select([process], [], [], LIMIT)
            os.close(process)
            assert ended, "a process is left"
        return code


@contextmanager
def served(*arguments: str, cwd: Path | None = None, **environment: str) -> Iterator[Served]:
    """A running `course ...`, which is gone at the end whatever happens."""
    running = Served(*arguments, cwd=cwd, **environment)
    try:
        yield running
    finally:
        for pid in descendants(running.process.pid):
            end_group(pid)
        end_group(running.process.pid)
        running.process.wait(LIMIT)
        running.reader.join(LIMIT)
