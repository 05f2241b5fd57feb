"""The app that is being served: a process in a session of its own, its output passed on."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course.grading.processes import end_group
from course.serving import FOLDER, STARTED
from course.serving.screen import Screen

TAIL_BYTES = 64 * 1024
LONGEST_LINE = 64 * 1024
PATIENCE_SECONDS = 10.0  # uvicorn ends open answers after two; the rest is the app's


@dataclass(frozen=True)
class AppToServe:
    """The app's folder, its whole environment, where it runs, and by how many workers."""

    folder: Path
    environment: Mapping[str, str]
    current_folder: Path
    workers: int = 1


class RunningApp:
    """One start of an app. `on_start` and `on_end` are called from threads, at most once each."""

    def __init__(
        self,
        app: AppToServe,
        listener: socket.socket,
        screen: Screen,
        on_start: Callable[[], None],
        on_end: Callable[["RunningApp", int], None],
    ) -> None:
        self._screen = screen
        self._on_start: Callable[[], None] | None = on_start
        self._on_end = on_end
        self._tail = bytearray()
        self._process = self._spawn(app, listener)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    def _spawn(self, app: AppToServe, listener: socket.socket) -> subprocess.Popen[bytes]:
        windows = sys.platform == "win32"
        settings = {"workers": app.workers, "parent": os.getpid(), "listener": listener.fileno()}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course.serving.app_child", json.dumps(settings)],
            stdin=subprocess.PIPE if windows else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=app.current_folder,
            env={**app.environment, FOLDER: str(app.folder.resolve())},
            start_new_session=not windows,
            pass_fds=() if windows else (listener.fileno(),),
        )
        if sys.platform == "win32":
            assert process.stdin is not None
            process.stdin.write(listener.share(process.pid).hex().encode() + b"\n")
            process.stdin.close()
        return process

    def _read(self) -> None:
        """Pass on whole lines, and keep the last ones."""
        assert self._process.stdout is not None
        rest = b""
        with self._process.stdout as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                *lines, rest = (rest + chunk).split(b"\n")
                self._pass_on(lines)
                if len(rest) > LONGEST_LINE:
                    self._pass_on([rest])
                    rest = b""
        self._pass_on([rest] if rest else [])

    def _pass_on(self, lines: list[bytes]) -> None:
        shown = [line.replace(STARTED, b"") for line in lines if line != STARTED]
        text = b"".join(line + b"\n" for line in shown)
        self._tail = (self._tail + text)[-TAIL_BYTES:]
        self._screen.pass_on(text)
        if any(STARTED in line for line in lines):
            self._tell_start()

    def _tell_start(self) -> None:
        on_start, self._on_start = self._on_start, None
        if on_start is not None:  # each worker says so
            on_start()

    def _wait(self) -> None:
        code = self._process.wait()
        self._reader.join(1.0)  # a process that the app started may hold the pipe open
        self._on_end(self, code)

    @property
    def output(self) -> str:
        """What the app printed last."""
        return self._tail.decode("utf-8", "backslashreplace")

    def stop(self) -> bool:
        """Ask the app to end and wait; False if it had to be killed, which a second Ctrl-C does.

        Nothing of its session is left behind.
        """
        with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
        ended = self._process.poll() is not None
        if sys.platform != "win32" or self._process.poll() is None:
            end_group(self._process.pid)
        self._process.wait()
        self._reader.join(1.0)
        return ended
