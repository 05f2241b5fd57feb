"""A learner's tests, run against apps of ours: each time a copy of their folder, in a new process.

`LearnersTests` is the fixture `learners_tests` of a suite. What a run says is in `Run`.
"""

import shutil
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.grading.app_process import AppProcess, describe_exit
from course.grading.own_network import listeners
from course.grading.scene import Scene
from course.grading.tracebacks import learner_first

RUN_SECONDS = 50.0  # below the limit of a test of ours
AT_ONCE = 2
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".git")


@dataclass(frozen=True)
class Ended:
    """How one test ended: `passed`, `failed` (an error in a fixture, too) or `skipped`."""

    outcome: str
    message: str


@dataclass(frozen=True)
class Run:
    """What the tests did on one app.

    `problem` is a sentence when not every test that was to run has its result: then the run says
    nothing of any test. `too_slow` is true when that was for lack of time.
    """

    tests: Mapping[str, Ended]
    problem: str = ""
    too_slow: bool = False
    connections: Sequence[str] = ()
    fixed_port: bool = False

    def names(self, outcome: str) -> list[str]:
        return [name for name, ended in self.tests.items() if ended.outcome == outcome]


class LearnersTests:
    """Runs the tests of the file `test_app.py`, and remembers each run."""

    FILE = "test_app.py"

    def __init__(
        self, scene: Scene, settings: Mapping[str, str], limit: float = RUN_SECONDS
    ) -> None:
        self._scene = scene
        self._settings = settings
        self._limit = limit
        self._strangers = sorted(listeners())
        self._runs: dict[tuple[Any, ...], Future[Run]] = {}
        self._own: list[AppProcess] = []
        self._ended = threading.Event()
        self._pool: ThreadPoolExecutor | None = None

    def end(self) -> None:
        """End what still runs."""
        self._ended.set()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self._own):
            process.end()
        if self._pool:
            self._pool.shutdown()

    def on(self, app: str | None = None, **wanted: Any) -> Run:
        """The run on the app of that source (None: their own), all tests in order by default.

        `order` is a seed to shuffle by, or "reversed"; `alone=True` runs each test by itself;
        `until`, a tuple of names, ends the run when one of those tests has failed.
        """
        return self._future(app, wanted).result()

    def prepare(self, *apps: str, **wanted: Any) -> None:
        """Begin the runs on those apps, for `on` to find them."""
        for app in apps:
            self._future(app, wanted)

    def _future(self, app: str | None, wanted: Mapping[str, Any]) -> Future[Run]:
        key = (app, *sorted(wanted.items()))
        if key not in self._runs:
            if self._pool is None and (app, wanted) != (None, {}):
                self.on()
            self._runs[key] = self._begin(app, wanted)
        return self._runs[key]

    def _begin(self, app: str | None, wanted: Mapping[str, Any]) -> Future[Run]:
        """The first run is on their own app. If it chose a port, no two runs go side by side."""
        if self._pool is None:
            first: Future[Run] = Future()
            first.set_result(self._run(app, wanted))
            at_once = 1 if first.result().fixed_port else AT_ONCE
            self._pool = ThreadPoolExecutor(at_once)
            return first
        run = self._each_alone if wanted.get("alone") else self._run
        return self._pool.submit(run, app, wanted)

    def _each_alone(self, app: str | None, wanted: Mapping[str, Any]) -> Run:
        """Every test alone: in forks of one process, or in a process each where that cannot be."""
        run = self._run(app, wanted)
        if run.problem != NOT_FORKED:
            return run
        tests: dict[str, Ended] = {}
        for name in run.tests:
            one = self._run(app, {"only": name})
            if one.problem:
                return one
            tests |= one.tests
        return Run(tests)

    def _run(self, app: str | None, wanted: Mapping[str, Any]) -> Run:
        """One process of theirs. `until` stays with us: a test that saw it would know the run."""
        until = wanted.get("until", ())
        told = {name: value for name, value in wanted.items() if name != "until"}
        folder = self._scene.new_folder() / self._scene.folder.name
        shutil.copytree(self._scene.folder, folder, ignore=LEFT_OUT)
        if app is not None:
            shutil.rmtree(folder / "app", ignore_errors=True)
            (folder / "app.py").write_text(app, encoding="utf-8")
        if not (folder / self.FILE).is_file():
            return Run({}, f"There is no {self.FILE} in the folder.")
        tests = {"file": self.FILE, "strangers": self._strangers, **told}
        process = self._scene.start_tests(folder, self._settings, tests)
        self._own.append(process)
        if self._ended.is_set():
            process.end()
        with process.changed:
            in_time = process.changed.wait_for(
                lambda: process.gone or process.reached("end") or has_failed(until, process.stages),
                self._limit,
            )
            noticed = has_failed(until, process.stages)
        ended_itself = process.gone and not process.reached("end") and not noticed
        if ended_itself:
            process.all_output(1.0)
        ending = describe_exit(process.handle.wait(0.5)) if ended_itself else ""
        process.end()
        self._own.remove(process)
        with suppress(OSError):
            shutil.rmtree(folder)
        return judged(process, folder, in_time, ending, noticed)


NOT_FORKED = "not forked"


def has_failed(names: Collection[str], stages: Iterable[Mapping[str, Any]]) -> bool:
    """Has one of those tests failed?"""
    return any(
        stage.get("stage") == "test" and stage["outcome"] == "failed" and stage["name"] in names
        for stage in stages
    )


def judged(process: AppProcess, folder: Path, in_time: bool, ending: str, noticed: bool) -> Run:
    """What the stages of a run amount to.

    `ending` is how the process ended by itself, if so; `noticed`: we ended it, having seen enough.
    """
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for stage in list(process.stages):
        by_stage.setdefault(str(stage.get("stage")), []).append(stage)
    collected = [name for stage in by_stage.get("collected", ()) for name in stage["tests"]]
    tests = {
        stage["name"]: Ended(stage["outcome"], stage["message"])
        for stage in by_stage.get("test", ())
    }
    seen = [
        f"{stage['what']}, in {stage['test'] or 'no test'}"
        for stage in by_stage.get("connection", ())
    ]
    problem = ""
    if not in_time:
        problem = "They did not come to an end and were stopped."
    elif "broken" in by_stage:
        problem = f"They cannot be collected: {by_stage['broken'][0]['text']}"
    elif "not forked" in by_stage:
        return Run({name: Ended("skipped", "") for name in collected}, NOT_FORKED)
    elif "collected" not in by_stage:
        where = learner_first(process.output, folder)
        problem = f"They cannot be collected.{chr(10) + where if where else ''}"
    elif not collected:
        problem = f"No test was collected from {LearnersTests.FILE}."
    elif not noticed and (missing := [name for name in collected if name not in tests]):
        what = f"the process ended ({ending})" if ending else "pytest ended"
        problem = f"{spoken(missing[0])} has no result: {what} before it was over."
    elif ending:
        problem = f"The process ended before pytest did ({ending})."
    return Run(tests, problem, not in_time, seen, "fixed port" in by_stage)


def spoken(name: str) -> str:
    """A test's name without the file in front of it."""
    return name.partition("::")[2] or name
