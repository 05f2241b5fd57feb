"""`course serve`: a lesson's app and its LLM side by side, until Ctrl-C."""

import os
import queue
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from course.catalog import Lesson
from course.checking import Choice, Target, targets
from course.grading.app_process import describe_exit
from course.grading.tracebacks import learner_first
from course.saves import SaveWatcher
from course.serving import Refused
from course.serving.llm import Pace, paced_llm, refuse_other_than_fake
from course.serving.ports import listen
from course.serving.running import AppToServe, RunningApp
from course.serving.screen import Screen
from course.serving.stopping import until_stopped
from course.workspace import Workspace, as_typed

FIRST_PORT = 8000
LOOPBACK = "127.0.0.1,localhost"
NO_KEY = "no-key"

Happening = Literal["started", "saved", "nobody reads"] | tuple[RunningApp, int]


@dataclass(frozen=True)
class Options:
    """How to serve: where, by how many workers, again at each save, and with which LLM."""

    port: int | None = None
    workers: int = 1
    reload: bool = False
    llm: str = "fake"
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True)
class Upstream:
    """The LLM that the app is given, and what is said of it."""

    base_url: str
    api_key: str
    about: str


def serve(choice: Choice, options: Options) -> int:
    """Serve what was chosen until Ctrl-C (0), or until the app ends by itself (1)."""
    refuse_other_than_fake_or_url(options.llm)
    (target,) = targets(choice, Workspace.here())
    refuse_without_app(target.folder)
    happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
    screen = Screen(on_gone=lambda: happenings.put("nobody reads"))
    code = 0
    with (
        until_stopped(),
        listen(options.port, FIRST_PORT) as listener,
        upstream(options, screen) as llm,
        place_to_run(target) as current_folder,
    ):
        environment = environment_of(target.lesson, llm)
        app = AppToServe(target.folder, environment, current_folder, options.workers)
        serving = Serving(target, app, listener, screen, happenings)
        try:
            if options.reload:
                serving.watch()
            code = serving.attend(introduction(target, app, llm, listener.getsockname()[1]))
        finally:
            serving.stop()
    return code


class Serving:
    """The app that runs now, and what happens to it; only the main thread acts."""

    def __init__(
        self,
        target: Target,
        app: AppToServe,
        listener: socket.socket,
        screen: Screen,
        happenings: queue.SimpleQueue[Happening],
    ) -> None:
        self.target = target
        self.app = app
        self.listener = listener
        self.screen = screen
        self.happenings = happenings
        self.running: RunningApp | None = None
        self.watcher: SaveWatcher | None = None

    def watch(self) -> None:
        """Start the app anew at each save from now on."""
        self.watcher = SaveWatcher(self.target.folder, lambda: self.happenings.put("saved"))
        self.watcher.start()

    def attend(self, introduction: list[str]) -> int:
        """Start the app and see to it until it ends by itself; returns the exit code."""
        self.start()
        while True:
            happening = self.next()
            if happening == "started":
                self.screen.say(*(introduction or ["The app runs again.", ""]))
                introduction = []
            elif happening == "saved":
                self.screen.say("", "Saved: starting the app anew.")
                self.end_app()
                self.start()
            elif happening == "nobody reads":
                return 1
            elif happening[0] is self.running:
                self.end_app()
                self.screen.say(*why_it_ended(*happening, self.target.folder))
                if self.watcher is None:
                    return 1
                self.screen.say("It starts anew when you save a change. Ctrl-C ends.", "")

    def next(self) -> Happening:
        """What happens next, waited for in a way that Ctrl-C interrupts on every system."""
        while True:
            try:
                return self.happenings.get(timeout=1.0)
            except queue.Empty:
                continue

    def start(self) -> None:
        self.running = RunningApp(
            self.app,
            self.listener,
            self.screen,
            on_start=lambda: self.happenings.put("started"),
            on_end=lambda app, code: self.happenings.put((app, code)),
        )

    def end_app(self) -> None:
        if self.running is not None:
            running, self.running = self.running, None
            if not running.stop():
                self.screen.say("The app did not end when asked to, and was killed.")

    def stop(self) -> None:
        """End what runs."""
        if self.watcher is not None:
            self.watcher.stop()
        if self.running is not None:
            self.end_app()
            self.screen.say("", "The app has ended.")


def refuse_other_than_fake_or_url(llm: str) -> None:
    parts = urlsplit(llm)
    if parts.scheme in ("http", "https") and parts.hostname:
        return
    if llm not in ("fake", "local"):
        raise Refused(f"--llm is fake or a URL such as http://127.0.0.1:11434/v1, not {llm!r}.")
    refuse_other_than_fake(llm)


def refuse_without_app(folder: Path) -> None:
    if not any((folder / name).is_file() for name in ("app.py", "app/__init__.py")):
        raise Refused(f"there is no app.py in {folder}.")


@contextmanager
def upstream(options: Options, screen: Screen) -> Iterator[Upstream]:
    """The fake LLM as a thread, with a line for each call; or somebody else's, by its URL."""
    if options.llm != "fake":
        key = os.environ.get("LLM_API_KEY", "")
        about = "with your LLM_API_KEY" if key else "without a key: LLM_API_KEY is not set"
        yield Upstream(options.llm, key or NO_KEY, about)
        return
    with paced_llm(options.pace, screen.say) as llm:
        yield Upstream(llm.base_url, "fake-key", f"fake: {options.pace}")


@contextmanager
def place_to_run(target: Target) -> Iterator[Path]:
    """The app's folder; for the course's own apps one to write into, which goes away again."""
    if target.name not in ("starter", "solution"):
        yield target.folder
        return
    with tempfile.TemporaryDirectory(prefix="course-serve-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def environment_of(lesson: Lesson, llm: Upstream) -> dict[str, str]:
    """The lesson's settings, what the shell says instead, and the LLM."""
    bypassed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    environment = {
        "PYTHONDONTWRITEBYTECODE": "1",
        **lesson.serve_environment,
        **os.environ,
        "LLM_BASE_URL": llm.base_url,
        "LLM_API_KEY": llm.api_key,
        "NO_PROXY": f"{bypassed},{LOOPBACK}" if bypassed else LOOPBACK,
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("no_proxy", None)
    return environment


def introduction(target: Target, app: AppToServe, llm: Upstream, port: int) -> list[str]:
    """Where everything is, and how to try it."""
    url = f"http://127.0.0.1:{port}"
    elsewhere = f" --url {url}" if port != FIRST_PORT else ""
    settings = [f"{name}={app.environment[name]}" for name in target.lesson.serve_environment]
    return [
        f"{target.lesson.slug} · {target.name if target.name != 'work' else target.folder}",
        "",
        f"  app   {url}" + (f"  ({app.workers} workers)" if app.workers > 1 else ""),
        f"  docs  {url}/docs",
        f"  LLM   {llm.base_url}  ({llm.about})",
        *[f"  {'with' if not number else '    '}  {text}" for number, text in enumerate(settings)],
        "",
        "  In another terminal:",
        f"    {target.lesson.query.replace('course query', as_typed('query'))}{elsewhere}",
        "",
        "  Ctrl-C ends both.",
        "",
    ]


def why_it_ended(running: RunningApp, code: int, folder: Path) -> list[str]:
    """The app has ended by itself: how, and the learner's own line where there is one."""
    where = learner_first(running.output, folder).splitlines()
    return [
        "",
        f"The app has ended by itself ({describe_exit(code)}).",
        *[f"  {line}" for line in where],
    ]
