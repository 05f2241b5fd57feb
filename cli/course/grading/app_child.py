"""Inside the learner's process: import `app` from the folder and serve it on an inherited listener.

What happens is told over the control socket, a JSON line a stage: `imported`, `serving`,
`stopped`, or `failed` with a `kind` and a `text`. The learner's code can reach that socket; all it
can do with it is fail.
"""

import asyncio
import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, NoReturn

import uvicorn

MEMORY_BYTES = 8 << 30  # address space; threads and shared libraries take a lot of it
FILE_BYTES = 256 << 20
GRACE_SECONDS = 8  # uvicorn's own limit for open connections after SIGTERM


def serve(settings: Mapping[str, Any], listener: socket.socket, control: socket.socket) -> NoReturn:
    """Serve the app of `settings["folder"]` until SIGTERM; never returns.

    `settings`: `folder` (path), `linger` (bool: after the shutdown keep the loop alive until the
    control socket closes), `module` (if it names one, that is run and serves itself), `tests` (run
    the tests of the folder instead, see `tests_child`).
    """
    limit_resources()
    if settings.get("module"):
        run_module(settings["folder"], settings["module"], listener, control)
    report = Reporter(control)
    if settings.get("tests") is not None:
        from course.grading.tests_child import run_tests

        run_tests(settings["folder"], settings["tests"], report)
        leave(0)
    app = load_app(settings["folder"], report)
    report("imported")
    server = ReportingServer(
        uvicorn.Config(
            app, access_log=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS
        ),
        report,
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(run(server, listener, control if settings.get("linger") else None))
    leave(0 if server.started else 3)


def run_module(
    folder: str, module: str, listener: socket.socket, control: socket.socket
) -> NoReturn:
    """Do what `python -m module` does in that folder, and end as the interpreter would."""
    listener.close()  # it has a port of its own
    control.set_inheritable(True)  # closes when all is over, also where the app becomes another
    sys.path.insert(0, folder)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code: Any = 0
    except SystemExit as ending:
        code = ending.code
    except BaseException:  # noqa: BLE001  (as the interpreter: whatever it is, it is printed)
        traceback.print_exc()
        code = 1
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as at an exit
        atexit._run_exitfuncs()
    leave((code or 0) & 0xFF)


def leave(code: int) -> NoReturn:
    """End at once, also past threads that never end and exit handlers that hang."""
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


class Reporter:
    """Writes one JSON line a stage; a reader that has gone is no reason to fail."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control

    def __call__(self, stage: str, **details: Any) -> None:
        with suppress(OSError):
            self.control.sendall(json.dumps({"stage": stage, **details}).encode() + b"\n")


class ReportingServer(uvicorn.Server):
    """uvicorn, telling when it serves and when its shutdown is complete."""

    def __init__(self, config: uvicorn.Config, report: Reporter) -> None:
        super().__init__(config)
        self.report = report

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.report("serving")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self.report("stopped")

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take SIGTERM and SIGINT as uvicorn does, but do not raise them again when all is done."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


async def run(
    server: uvicorn.Server, listener: socket.socket, linger_on: socket.socket | None
) -> None:
    await server.serve(sockets=[listener])
    if linger_on is not None:
        linger_on.setblocking(False)
        await asyncio.get_running_loop().sock_recv(linger_on, 1)


def load_app(folder: str, report: Reporter) -> Any:
    """The object `app` of the folder's `app` module, as `uvicorn app:app` would find it there."""
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module("app")
    except SystemExit as ending:
        if isinstance(ending.code, str):
            print(ending.code, file=sys.stderr)  # as the interpreter would
        report(
            "failed", kind="exit", text=f"sys.exit({ending.code!r}) was called during the import"
        )
    except ModuleNotFoundError as problem:
        traceback.print_exc()
        report("failed", kind="missing", text=problem.name or "")
    except BaseException as problem:  # noqa: BLE001  (whatever it is, it is told and we leave)
        traceback.print_exc()
        report("failed", kind="import", text=f"{type(problem).__name__}: {problem}")
    else:
        if callable(getattr(module, "app", None)):
            return module.app
        report("failed", kind="name", text=", ".join(likely_apps(module)))
    return leave(1)


def likely_apps(module: ModuleType) -> list[str]:
    """Names in the module that look like ASGI apps."""
    return [
        name
        for name, value in vars(module).items()
        if hasattr(value, "router") and callable(value) and not name.startswith("_")
    ]


def limit_resources() -> None:
    """Bounds that keep an accident from hurting the machine; none of them binds a right app."""
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def main() -> None:
    """The cold way in: settings as JSON in the first argument.

    Sockets inherited (or shared, on Windows).
    """
    settings = json.loads(sys.argv[1])
    if sys.platform == "win32":
        shared = json.loads(sys.stdin.readline())
        listener, control = (socket.fromshare(bytes.fromhex(text)) for text in shared)
    else:
        from course.grading.processes import die_with_parent

        die_with_parent(settings["parent"])
        listener, control = (socket.socket(fileno=number) for number in settings["sockets"])
    sys.argv[:] = ["app.py"]
    serve(settings, listener, control)


if __name__ == "__main__":
    main()
