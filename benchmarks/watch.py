"""Watch mode: from a save to the first verdict, to all of a lesson, and to a syntax error.

The floor is what no design can avoid: the tests that wait by the contract (a silent LLM, a steady
stream) cost their waiting, which is printed beside the whole.

    python benchmarks/watch.py [SLUG ...]
"""

import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from course.grading.grader import grade
from course.grading.verdict import TestVerdict
from course.grading.warm import WarmRunner
from course.saves import SaveWatcher
from course.workspace import Workspace

RUNS = 7
PAUSE_SECONDS = 0.3  # between saves, as when somebody types
WAITING_MS = 150.0  # a test that takes longer waits for a clock


def measure(slug: str) -> None:
    workspace = Workspace.here()
    lesson = workspace.course().lesson(slug)
    suite = workspace.suite(lesson)
    with tempfile.TemporaryDirectory() as parent, WarmRunner([suite]) as runner:
        folder = Path(parent) / "work"
        shutil.copytree(workspace.folder(lesson, "solution"), folder)
        source = (folder / "app.py").read_text()
        saved = threading.Event()
        watcher = SaveWatcher(folder, saved.set)
        watcher.start()
        first: list[float] = []
        whole: list[float] = []
        errors: list[float] = []
        waiting: list[float] = []

        def check(text: str) -> tuple[float, float, float]:
            arrived: list[float] = []

            def on_test(_exercise: str, _test: TestVerdict) -> None:
                arrived.append(time.perf_counter())

            time.sleep(PAUSE_SECONDS)
            started = time.perf_counter()
            (folder / "app.py").write_text(text)
            saved.wait()
            saved.clear()
            verdict = grade(
                lesson, folder, suite, target="work", page="", runner=runner, on_test=on_test
            )
            ended = time.perf_counter()
            clocked = sum(
                test.duration_ms
                for exercise in verdict.exercises
                for test in exercise.tests
                if test.duration_ms > WAITING_MS
            )
            return (arrived or [ended])[0] - started, ended - started, clocked / 1000

        check(source + "# warm\n")
        for number in range(RUNS):
            one, every, clock = check(f"{source}# {number}\n")
            first.append(one)
            whole.append(every)
            waiting.append(clock)
            errors.append(check(f"{source}def broken({number}\n")[1])
        watcher.stop()
    print(
        f"{slug:12}"
        f"first verdict {1000 * statistics.median(first):5.0f} ms   "
        f"syntax error {1000 * statistics.median(errors):4.0f} ms   "
        f"whole lesson {1000 * statistics.median(whole):6.0f} ms, "
        f"of which tests that wait for a clock {1000 * statistics.median(waiting):6.0f} ms"
    )


for name in sys.argv[1:] or ["basic", "async", "streaming"]:
    measure(name)
