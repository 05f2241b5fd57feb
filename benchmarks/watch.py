"""Watch mode: from a save to the first verdict, to all of a lesson, and to a syntax error.

The floor is what no design of a black-box grader can avoid: fork a process that has imported
everything, import the app in it, serve it, get one answer. Tests that wait by the contract (a
silent LLM, a steady stream) cost their waiting, which is printed beside the whole.

    python benchmarks/watch.py [SLUG ...]
"""

import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from measure import Timed, show

from course.catalog import Lesson
from course.grading.grader import grade
from course.grading.job import Job, suite_imports
from course.grading.scene import Scene
from course.grading.suite import App, Patience, Recorder
from course.grading.verdict import TestVerdict
from course.grading.warm import WarmRunner
from course.grading.warm_apps import WHOLE_STACK, AppParentProcess, WarmStarter
from course.saves import SaveWatcher
from course.workspace import Workspace

RUNS = 7
PAUSE_SECONDS = 0.3  # between saves, as when somebody types
WAITING_MS = 150.0  # a test that takes longer waits for a clock


@dataclass
class Watched:
    """A folder that is watched and graded at each save; all times in seconds."""

    lesson: Lesson
    folder: Path
    suite: Path
    runner: WarmRunner
    saved: threading.Event = field(default_factory=threading.Event)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def save(self, text: str) -> None:
        """Save a version of the app and note when its verdicts were there."""
        arrived: list[float] = []

        def on_test(_exercise: str, _test: TestVerdict) -> None:
            arrived.append(time.perf_counter())

        time.sleep(PAUSE_SECONDS)
        started = time.perf_counter()
        (self.folder / "app.py").write_text(text)
        self.saved.wait()
        self.saved.clear()
        verdict = grade(
            self.lesson,
            self.folder,
            self.suite,
            target="work",
            page="",
            runner=self.runner,
            on_test=on_test,
        )
        ended = time.perf_counter()
        if not arrived:
            self.errors.append(ended - started)
            return
        self.first.append(arrived[0] - started)
        self.whole.append(ended - started)
        tests = [test for exercise in verdict.exercises for test in exercise.tests]
        clocked = sum(test.duration_ms for test in tests if test.duration_ms > WAITING_MS)
        self.waiting.append(clocked / 1000)


def floor(folder: Path, suite: Path) -> list[float]:
    """Seconds from asking a warm parent for the app to the app's first answer."""
    parent = AppParentProcess((*WHOLE_STACK, *suite_imports(suite)), 2)
    scene = Scene(Job(str(folder), str(suite), ""), WarmStarter(parent.requests), lambda _pid: None)
    seconds = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        process = scene.start({})
        process.wait_until_ready(10.0)
        App(process, Recorder(), Patience()).get("/health")
        seconds.append(time.perf_counter() - started)
        process.end()
    scene.end()
    parent.close()
    return seconds[1:]


def measure(slug: str) -> None:
    workspace = Workspace.here()
    lesson = workspace.course().lesson(slug)
    suite = workspace.suite(lesson)
    with tempfile.TemporaryDirectory() as parent, WarmRunner([suite]) as runner:
        folder = Path(parent) / "work"
        shutil.copytree(workspace.folder(lesson, "solution"), folder)
        source = (folder / "app.py").read_text()
        watched = Watched(lesson, folder, suite, runner)
        watcher = SaveWatcher(folder, watched.saved.set)
        watcher.start()
        watched.save(source + "# warm\n")
        for number in range(RUNS):
            watched.save(f"{source}# {number}\n")
            watched.save(f"{source}def broken({number}\n")
        watcher.stop()
        (folder / "app.py").write_text(source)
        base = Timed("fork of a warm parent to its first 200", floor(folder, suite))
    show(
        slug,
        [
            Timed("save to a syntax error", watched.errors),
            Timed("save to the first verdict", watched.first[1:]),
            Timed("save to all of the lesson", watched.whole[1:]),
            Timed("of which tests that wait for a clock", watched.waiting[1:]),
            base,
        ],
    )


for name in sys.argv[1:] or ["basic", "async", "streaming"]:
    measure(name)
