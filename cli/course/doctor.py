"""`course doctor`: look at the machine, change nothing, and say what is missing."""

import os
import shutil
import socket
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from course.grading.warm_apps import forking_is_wanted
from course.saves import SaveWatcher
from course.workspace import Workspace

FREE_BYTES = 500 << 20
SERVE_PORT = 8000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedy` says what to do when it is not good."""

    what: str
    good: bool = True
    remedy: str = ""


def examine() -> list[Finding]:
    """Everything that commands of the course depend on."""
    workspace = Workspace.here()
    return [
        python(),
        compiled_libraries(),
        work_folder(workspace.work),
        free_disk(workspace.work),
        loopback(),
        serve_port(),
        file_events(),
        warm_parents(),
    ]


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(f"Python {version} at {sys.executable}")


def compiled_libraries() -> Finding:
    """Without .pyc files an app takes three seconds to start instead of half a second."""
    import fastapi

    cached = Path(fastapi.__file__).parent / "__pycache__"
    if any(cached.glob("*.pyc")):
        return Finding("the libraries are compiled")
    return Finding(
        "the libraries are not compiled: each check starts slowly",
        good=False,
        remedy=f"{sys.executable} -m compileall -q {cached.parent.parent}",
    )


def work_folder(work: Path) -> Finding:
    nearest = next(path for path in (work, *work.parents) if path.exists())
    if os.access(nearest, os.W_OK):
        return Finding(f"your work: {work}")
    return Finding(
        f"{nearest} cannot be written", False, "Use a folder of your own for the course."
    )


def free_disk(work: Path) -> Finding:
    nearest = next(path for path in (work, *work.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    enough = free > FREE_BYTES
    return Finding(
        f"{free / (1 << 30):.1f} GB of disk free", enough, "" if enough else "Make room."
    )


def loopback() -> Finding:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=2).close()
    except OSError as problem:
        return Finding(
            f"no connection over 127.0.0.1: {problem}",
            False,
            "Allow loopback in the firewall or sandbox.",
        )
    return Finding("loopback connections work")


def serve_port() -> Finding:
    try:
        socket.create_server(("127.0.0.1", SERVE_PORT)).close()
    except OSError:
        return Finding(f"port {SERVE_PORT} is in use; `course serve` takes the next free one")
    return Finding(f"port {SERVE_PORT} is free for `course serve`")


def file_events() -> Finding:
    with tempfile.TemporaryDirectory(prefix="course-doctor-") as folder:
        noticed = threading.Event()
        watcher = SaveWatcher(Path(folder), noticed.set)
        watcher.start()
        (Path(folder) / "saved.py").write_text("saved = True\n")
        arrived = noticed.wait(2.0)
        watcher.stop()
    if arrived:
        return Finding("file events arrive: watch mode sees a save at once")
    return Finding("no file events arrive: watch mode looks at the files instead")


def warm_parents() -> Finding:
    if forking_is_wanted():
        return Finding("processes can be forked: watch mode is at its fastest")
    return Finding("processes cannot be forked here (or COURSE_WARM=0): checks start cold")
