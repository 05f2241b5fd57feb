"""A command that serves, as a container would run it: started, asked, told to leave, and gone."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path

import httpx

from course.fake_llm import FakeLLM
from course.grading.app_process import environment_for_apps
from course.grading.processes import end_group, tied
from course.grading.services import claimed_port
from course.notebook.apps import API_KEY, AppDidNotStart, find
from course.notebook.plots import Mark

START_SECONDS = 30.0


class Started:
    """A running command with an LLM of its own.

    Programs of this interpreter's environment are found, activated or not. In the words of the
    command `PORT` is the port it has to use, which is in its environment as well. `asked` holds
    what `keep_asking` has seen.
    """

    def __init__(self, command: Sequence[str], folder: str, **settings: str) -> None:
        self.llm = FakeLLM(api_key=API_KEY).start()
        self.port, claim = claimed_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[Mark] = []
        self.told_at = 0.0
        home = tempfile.TemporaryDirectory(prefix="course-notebook-")
        environment = environment_for_apps(
            Path(home.name), self.llm.base_url, API_KEY, {"PORT": str(self.port), **settings}
        )
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        words = [word.replace("PORT", str(self.port)) for word in command[1:]]
        self.process = subprocess.Popen(
            tied([program, *words]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=find(folder),
            env=environment,
            start_new_session=True,
        )
        self.stop = weakref.finalize(self, _end, self.process, self.llm, claim, home)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.ask("/health") == 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AppDidNotStart(f"It did not serve at {self.url}.")
            time.sleep(0.05)

    def ask(self, path: str) -> int:
        """The status of the answer, on a new connection; 0 where none is taken."""
        try:
            return httpx.get(f"{self.url}{path}", timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def sigterm(self) -> None:
        """What Docker and Kubernetes send first."""
        self.told_at = time.monotonic()
        self.process.terminate()

    def keep_asking(self, path: str, seconds: float, every: float = 0.1) -> threading.Thread:
        """Ask again and again, in a thread, and note what came."""

        def ask() -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                status = self.ask(path)
                came = str(status) if status else "no connection"
                self.asked.append(Mark("asked", came, time.monotonic()))
                time.sleep(every)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        return thread

    def exit_code(self, within: float = 10.0) -> int | None:
        """The exit code, negative for a signal; None while it runs on."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            return None


def _end(
    process: subprocess.Popen[bytes],
    llm: FakeLLM,
    claim: socket.socket,
    home: tempfile.TemporaryDirectory[str],
) -> None:
    end_group(process.pid)
    process.wait()
    llm.stop()
    claim.close()
    home.cleanup()


def start(command: str, folder: str, **settings: str) -> Started:
    """Start a command line in a folder of the course, such as `python -m app`."""
    return Started(command.split(), folder, **settings)


def start_in_shell(command: str, folder: str, **settings: str) -> Started:
    """The same through a shell, as `CMD` without brackets does."""
    return Started(["sh", "-c", f"cd . && {command}"], folder, **settings)
