"""`grade()`: run one lesson's suite against one folder and say what held."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal, Protocol, Self

from course.catalog import Exercise, Lesson
from course.grading.job import PATIENCE_SECONDS, Job, app_comes_first
from course.grading.preflight import app_problem
from course.grading.processes import end_group
from course.grading.verdict import (
    Evidence,
    ExerciseVerdict,
    Moment,
    TestVerdict,
    Verdict,
    outcome_of,
)

SUITE_SECONDS = 300.0
THE_APP_STARTS = "test_the_app_starts"

Record = dict[str, Any]


class Cancelled(Exception):
    """The check was ended because a newer one takes its place."""


class Runner(Protocol):
    """Runs one job at a time and yields its records as they come. Leaving it ends what it keeps."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def run(self, job: Job) -> Iterator[Record]: ...

    def cancel(self) -> None:
        """End the running job from another thread; its `run` then raises `Cancelled`."""


class ColdRunner:
    """A new suite process for each job."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """It keeps nothing from job to job."""

    def run(self, job: Job) -> Iterator[Record]:
        self._cancelled = False
        apps: set[int] = set()
        kind = problem = ""
        with tempfile.TemporaryFile() as errors:
            process = self._process = start_suite(job, errors)
            overdue = threading.Timer(SUITE_SECONDS, process.terminate)
            overdue.daemon = True
            overdue.start()
            try:
                for record in read_records(process.stdout):
                    kind = record["kind"]
                    if kind == "app":
                        apps.add(record["pid"])
                    if kind != "problem":  # told below, with the suite's own last words
                        yield record
                    else:
                        problem = record["message"]
            finally:
                late = not overdue.is_alive()
                overdue.cancel()
                end_suite(process, apps, finished=kind == "end")
            if self._cancelled:
                raise Cancelled
            if late:
                yield {"kind": "late"}
            elif problem or kind != "end":
                errors.seek(0)
                last_words = errors.read().decode("utf-8", "replace")
                yield {"kind": "problem", "message": f"{problem}\n{last_words}".strip()}

    def cancel(self) -> None:
        self._cancelled = True
        if self._process is not None:
            self._process.terminate()


def start_suite(job: Job, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-m", "course.grading.suite_process"),
            *("cold", json.dumps(job.as_dict()), str(os.getpid())),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment_for_suites(),
        start_new_session=sys.platform != "win32",
    )


def end_suite(process: subprocess.Popen[bytes], apps: set[int], finished: bool) -> None:
    """Let the suite process clean up; when it does not, kill it and the apps it told us of."""
    if not finished:
        process.terminate()
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        end_group(process.pid)
        process.wait()
    if process.returncode != 0:
        for pid in apps:
            end_group(pid)
    if process.stdout is not None:
        process.stdout.close()


def read_records(stream: Any) -> Iterator[Record]:
    """JSON lines up to the `end` record.

    Never to the end of the file, which a daemon could hold open.
    """
    for line in stream:
        record = json.loads(line)
        yield record
        if record["kind"] == "end":
            return


def environment_for_suites() -> dict[str, str]:
    """Our environment without what would change how pytest runs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return {**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def grade(
    lesson: Lesson,
    folder: Path,
    suite: Path,
    *,
    target: str,
    page: str,
    first: Sequence[str] = (),
    patience: float = PATIENCE_SECONDS,
    on_test: Callable[[str, TestVerdict], None] = lambda exercise, test: None,
    runner: Runner | None = None,
) -> Verdict:
    """Grade the app in `folder` with `suite`.

    `target` is how the verdict names what was graded; `page` the lesson's page, for the place of
    an idea; `on_test` is called with exercise and result as each test ends. Raises `Cancelled`
    when the runner was told to stop.
    """
    started = time.monotonic()
    tests: dict[str, dict[int, TestVerdict]] = {exercise.slug: {} for exercise in lesson.exercises}
    problem = app_problem(folder)
    if problem and folder.is_dir() and not app_comes_first(suite):
        problem = ""  # what needs the app will say it
    everywhere = everywhere_failed(problem)
    if everywhere is None:
        job = Job(str(folder.resolve()), str(suite.resolve()), page, tuple(first), patience)
        for record in (runner or ColdRunner()).run(job):
            if record["kind"] == "test":
                test = test_verdict(record)
                tests.setdefault(record["exercise"], {})[record["place"]] = test
                on_test(record["exercise"], test)
            elif record["kind"] == "not started":
                everywhere = everywhere_failed(record["message"])
            elif record["kind"] == "late":
                everywhere = everywhere_failed(f"The check took longer than {SUITE_SECONDS:.0f} s.")
            elif record["kind"] == "problem":
                everywhere = TestVerdict(THE_APP_STARTS, "error", record["message"])
    exercises = tuple(
        exercise_verdict(exercise, in_order(tests[exercise.slug]), everywhere)
        for exercise in lesson.exercises
    )
    return summed_up(lesson, target, exercises, time.monotonic() - started)


def in_order(tests: Mapping[int, TestVerdict]) -> list[TestVerdict]:
    """As they stand in the suite: workers end them in an order that is another one each time."""
    return [test for _, test in sorted(tests.items())]


def everywhere_failed(message: str) -> TestVerdict | None:
    return TestVerdict(THE_APP_STARTS, "failed", message) if message else None


def test_verdict(record: Record) -> TestVerdict:
    evidence = record["evidence"]
    return TestVerdict(
        name=record["name"],
        outcome=record["outcome"],
        message=record["message"],
        evidence=Evidence(
            evidence["sent"],
            evidence["received"],
            tuple(Moment(**moment) for moment in evidence["timeline"]),
        )
        if evidence
        else Evidence(),
        duration_ms=record["duration_ms"],
        printed=record["printed"],
    )


def exercise_verdict(
    exercise: Exercise, tests: list[TestVerdict], everywhere: TestVerdict | None
) -> ExerciseVerdict:
    """`everywhere` is what kept all exercises from being tested, or ended the tests half-way."""
    if everywhere is not None:
        tests = [*tests, everywhere]
    elif not tests:
        tests = [TestVerdict(exercise.slug, "error", "The suite has no test for this exercise.")]
    outcome = outcome_of(tests)
    return ExerciseVerdict(
        slug=exercise.slug,
        title=exercise.title,
        stretch=exercise.stretch,
        outcome=outcome,
        points=int(outcome == "passed"),
        tests=tuple(tests),
    )


def summed_up(
    lesson: Lesson, target: str, exercises: tuple[ExerciseVerdict, ...], seconds: float
) -> Verdict:
    core = [exercise for exercise in exercises if not exercise.stretch]
    outcomes = {exercise.outcome for exercise in core}
    outcome: Literal["passed", "failed", "error"] = "failed"
    if "error" in outcomes:
        outcome = "error"
    elif outcomes == {"passed"}:
        outcome = "passed"
    return Verdict(
        lesson=lesson.slug,
        target=target,
        outcome=outcome,
        points=sum(exercise.points for exercise in core),
        max_points=len(core),
        duration_ms=round(seconds * 1000, 1),
        exercises=exercises,
    )
