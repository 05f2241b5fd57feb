"""The learner's app as a process: on a listener bound before it, drained, ended for good."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from course.grading.processes import end_descendants, end_group

OUTPUT_KEPT = 64 * 1024
OUTPUT_LIMIT = 8 * 1024 * 1024
CERTIFICATE = Path(__file__).parent / "one_certificate.pem"


class AppFailed(AssertionError):
    """The app did not start, or ended; the message is for the learner."""


@dataclass(frozen=True)
class AppSpec:
    """What to start: the folder, the whole environment, whether the loop outlives the shutdown.

    With a `module` the app serves itself, as `python -m module` does, on `port`.
    With `tests` the process serves nothing: it runs the folder's tests, see `tests_child`.
    With `stdout_apart`, and as a module, standard output and standard error have a pipe each; lines
    of both are then in no order.
    """

    folder: Path
    environment: Mapping[str, str]
    linger: bool = False
    module: str = ""
    port: int = 0
    tests: Mapping[str, Any] | None = None
    stdout_apart: bool = False

    def as_settings(self) -> dict[str, Any]:
        """What the process is told, whoever starts it."""
        return {
            "folder": str(self.folder),
            "linger": self.linger,
            "module": self.module,
            "tests": self.tests,
        }


class Handle(Protocol):
    """A started process, however it was started."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int | None: ...


class Starter(Protocol):
    """A way to start an app process: cold, or as a fork of a warm parent.

    `outputs` are the descriptors for its stdout and stderr, often the same.
    """

    def start(
        self,
        spec: AppSpec,
        listener: socket.socket,
        control: socket.socket,
        outputs: tuple[int, int],
    ) -> Handle: ...

    def sweep(self) -> None:
        """End whatever the started apps have left behind."""


class Popened:
    """A process started with `subprocess`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self.process.poll()

    def wait(self, timeout: float) -> int | None:
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None


class ColdStarter:
    """Starts a new interpreter for each app."""

    def start(
        self,
        spec: AppSpec,
        listener: socket.socket,
        control: socket.socket,
        outputs: tuple[int, int],
    ) -> Handle:
        settings: dict[str, Any] = {**spec.as_settings(), "parent": os.getpid()}
        windows = sys.platform == "win32"
        if not windows:
            settings["sockets"] = [listener.fileno(), control.fileno()]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course.grading.app_child", json.dumps(settings)],
            stdin=subprocess.PIPE if windows else subprocess.DEVNULL,
            stdout=outputs[0],
            stderr=outputs[1],
            cwd=spec.folder,
            env=dict(spec.environment),
            start_new_session=not windows,
            pass_fds=() if windows else (listener.fileno(), control.fileno()),
        )
        if sys.platform == "win32":
            assert process.stdin is not None
            shared = [item.share(process.pid).hex() for item in (listener, control)]
            process.stdin.write(json.dumps(shared).encode() + b"\n")
            process.stdin.close()
        return Popened(process)

    def sweep(self) -> None:
        end_descendants()


def environment_for_apps(
    home: Path, llm_base_url: str, llm_api_key: str, settings: Mapping[str, str | None]
) -> dict[str, str]:
    """The whole environment of an app: nothing of ours is inherited but PATH (and Windows' own)."""
    environment = {
        name: os.environ[name]
        for name in ("PATH", "SYSTEMROOT", "SystemRoot", "TEMP", "TMP", "LANG")
        if name in os.environ
    }
    environment |= {
        "HOME": str(home),
        "LLM_BASE_URL": llm_base_url,
        "LLM_API_KEY": llm_api_key,
        "NO_PROXY": "*",  # no look-up of the system's proxies, which can crash a fork on macOS
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "SSL_CERT_FILE": str(CERTIFICATE),  # parsing the usual bundle costs 34 to 62 ms a client
    }
    for name, value in settings.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment


def loopback_listener() -> socket.socket:
    """A listener on a free port of 127.0.0.1.

    Made with IPPROTO_TCP: accepted sockets inherit it, and asyncio sets TCP_NODELAY only on such
    sockets. Without it each write waits up to 40 ms for a delayed ACK.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


@dataclass
class AppProcess:
    """One running app. Make it with `AppProcess.start`, end it with `end`."""

    spec: AppSpec
    port: int
    handle: Handle
    control: socket.socket
    stages: list[dict[str, Any]] = field(default_factory=list)
    written: int = 0
    tail: bytearray = field(default_factory=bytearray)
    stdout: bytearray = field(default_factory=bytearray)  # all of it, where it is apart
    errors: bytearray = field(default_factory=bytearray)  # standard error, where it is apart
    changed: threading.Condition = field(default_factory=threading.Condition)
    open_pipes: int = 1  # which it may still print to, or which were not read to their end
    gone: bool = False  # the control socket has closed: the process has ended
    flooded: bool = False
    claim: socket.socket | None = None  # what keeps the port of a module from others

    @classmethod
    def start(cls, spec: AppSpec, starter: Starter) -> "AppProcess":
        """Start the app; its listener exists before the process does (but for a module's)."""
        listener = loopback_listener()
        ours, theirs = socket.socketpair()
        apart = spec.stdout_apart or bool(spec.module)
        pipes = [os.pipe() for _ in range(1 + apart)]
        with listener, theirs:
            try:
                outputs = pipes[0][1], pipes[-1][1]
                handle = starter.start(spec, listener, theirs, outputs)
            finally:
                for _, writing in pipes:
                    os.close(writing)
            port = spec.port or listener.getsockname()[1]
            process = cls(spec, port, handle, ours, open_pipes=len(pipes))
        kept = [process.stdout, process.errors] if apart else [None]
        for (reading, _), whole in zip(pipes, kept, strict=True):
            threading.Thread(target=process._drain, args=(reading, whole), daemon=True).start()
        threading.Thread(target=process._follow, daemon=True).start()
        return process

    def _drain(self, reading: int, whole: bytearray | None) -> None:
        """Read all the app prints, keep the tail, and stop an app that prints without end."""
        while chunk := os.read(reading, 65536):
            with self.changed:
                self.written += len(chunk)
                self.tail += chunk
                del self.tail[:-OUTPUT_KEPT]
                if whole is not None:
                    whole += chunk
                self.changed.notify_all()
            if self.written > OUTPUT_LIMIT and not self.flooded:
                self.flooded = True
                end_group(self.handle.pid)
        os.close(reading)
        with self.changed:
            self.open_pipes -= 1
            self.changed.notify_all()

    def _follow(self) -> None:
        """Read the stages the child reports, until it is gone."""
        with suppress(OSError), self.control.makefile("rb") as lines:
            for line in lines:
                with suppress(ValueError):
                    stage = json.loads(line)
                    with self.changed:
                        self.stages.append(stage)
                        self.changed.notify_all()
        with self.changed:
            self.gone = True
            self.changed.notify_all()

    @property
    def output(self) -> str:
        """What the app has printed so far: its tail, as text."""
        with self.changed:
            return self.tail.decode("utf-8", "backslashreplace")

    def all_output(self, within: float) -> str:
        """The output of an app that has ended, once it is read; a daemon may hold it open."""
        with self.changed:
            self.changed.wait_for(lambda: not self.open_pipes, within)
        return self.output

    def reached(self, stage: str) -> bool:
        return any(entry.get("stage") == stage for entry in self.stages)

    def wait_until_ready(self, within: float) -> None:
        """Return once the app serves; else `AppFailed` says what happened instead."""
        if self.spec.module:
            serves = self._listens(within)
        else:
            with self.changed:
                self.changed.wait_for(
                    lambda: self.gone or self.reached("serving") or self.reached("failed"), within
                )
            serves = self.reached("serving") and not self.gone
        if not serves:
            raise AppFailed(self.why_it_does_not_serve(within))

    def _listens(self, within: float) -> bool:
        """Wait until a module takes connections: it tells nothing, so its port is tried."""
        deadline = time.monotonic() + within
        while not self.gone and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return True
            with self.changed:
                self.changed.wait_for(lambda: self.gone, 0.02)
        return False

    def why_it_does_not_serve(self, within: float) -> str:
        """One sentence on why there is no server, and the learner's own line where there is one."""
        from course.grading.tracebacks import learner_first

        failure = next((entry for entry in self.stages if entry.get("stage") == "failed"), None)
        code = self.handle.wait(2.0 if self.gone or failure else 0.0)
        if self.gone or failure:
            self.all_output(1.0)
        where = learner_first(self.output, self.spec.folder)
        if self.flooded:
            return f"The app printed more than {OUTPUT_LIMIT >> 20} MB and was stopped."
        if self.spec.module:
            command = f"`python -m {self.spec.module}`"
            if code is None:
                return f"{command} took no connection on port {self.port} in {within:.0f} seconds."
            said = where or self.output.strip()
            ended = f"{command} ended before it served ({describe_exit(code)})."
            return f"{ended}\n{said}" if said else ended
        if failure is None and not self.gone:
            doing = "start" if self.reached("imported") else "import"
            return f"The app did not finish its {doing} within {within:.0f} seconds."
        if failure is None:
            doing = "while it started" if self.reached("imported") else "during its import"
            ending = f"The app's process ended {doing} ({describe_exit(code)})."
            return f"{ending}\n{where}" if where else ending
        kind, text = failure.get("kind"), failure.get("text", "")
        if kind == "name":
            others = f" It has: {text}." if text else ""
            return f"The module app has nothing called `app` that can be served.{others}"
        if kind == "missing" and text not in ("app", ""):
            return (
                f"The app imports {text!r}, which is neither in its folder nor installed "
                f"with the course.\n{where}"
            )
        if kind == "exit":
            return f"{text}; an app must be importable."
        return f"The app cannot be imported.\n{where or text}"

    def wait_for_output(self, text: str, within: float) -> bool:
        """Wait until the app has printed `text`."""
        wanted = text.encode()
        with self.changed:
            return self.changed.wait_for(lambda: wanted in self.tail, within)

    def terminate(self) -> None:
        """Ask for a shutdown, as an orchestrator does (SIGTERM)."""
        with suppress(ProcessLookupError):
            os.kill(self.handle.pid, signal.SIGTERM)

    def wait_for_exit(self, within: float) -> int | None:
        """The exit code, None when the process still runs after `within` seconds."""
        return self.handle.wait(within)

    def end(self) -> None:
        """Kill the process and its whole group."""
        end_group(self.handle.pid)
        self.handle.wait(5.0)
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.control.close()
        if self.claim is not None:
            self.claim.close()


def describe_exit(code: int | None) -> str:
    """`exit code 3`, `killed by SIGKILL`."""
    if code is None:
        return "no exit code"
    if code < 0:
        with suppress(ValueError):
            return f"ended by {signal.Signals(-code).name}"
    return f"exit code {code}"


def scratch_folder() -> Path:
    """An empty folder that serves as an app's home."""
    return Path(tempfile.mkdtemp(prefix="course-home-"))
