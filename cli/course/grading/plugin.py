"""The pytest plugin of a suite process: fixtures for suites, and a JSON line for each test."""

import os
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from course.fake_llm import FakeLLM
from course.grading.app_process import AppFailed
from course.grading.check import Check
from course.grading.deploying import tools
from course.grading.deploying.tools import Lint, Schemas
from course.grading.learners_tests import LearnersTests
from course.grading.results import Emit
from course.grading.schema_tools import SchemaTools
from course.grading.services import Missing, not_run_is_an_error
from course.grading.suite import App, FreshApp, RedisServer
from course.grading.tracebacks import learner_first

# What a test trips over when an answer has another shape than the contract's.
SHAPE = (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError)
# Tests with one of these fixtures are one worker's: a second one costs more than the wait.
KEPT_TOGETHER = frozenset({"learners_tests", "postgres_url"})
PRINTED_SHOWN = 8000  # characters: room for a whole traceback
SUITE_OPTIONS = (
    "-p", "no:cacheprovider",
    "-p", "no:terminal",
    "-p", "no:faulthandler",
    "--assert=plain",
    "--strict-markers",
    "-c", os.devnull,
)  # fmt: skip


class SuitePlugin:
    """Collects the suites and, when driven to, runs the tests of one of them."""

    def __init__(self, drive: Callable[[Callable[[Check, Emit], None]], None]) -> None:
        self._drive = drive
        self._session: pytest.Session
        self._places: dict[str, int]  # of the tests in the suite
        self.check: Check
        self.emit: Emit
        self._outcome: dict[str, Any] = {}
        self._printed_before = 0

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "exercise(slug, look, idea, rests_on): the exercise a test belongs to"
        )

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand over to the driver: it starts a check (when parked, in a fork) and calls `run`."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} suites cannot be collected")
        self._session = session
        self._drive(self.run)
        return True

    def run(self, check: Check, emit: Emit) -> None:
        """Run the check's part of its suite, what failed last time first."""
        self.check, self.emit = check, emit
        items = [item for item in self._session.items if str(item.path) == check.job.suite]
        self._places = {item.name: place for place, item in enumerate(items)}
        items.sort(key=lambda item: item.name not in check.job.first)
        items = part_of(items, check.job.part, check.job.workers)
        if not items:
            return
        try:
            check.first_start()
        except AppFailed as problem:
            emit({"kind": "not started", "message": str(problem)})
            return
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Report each test as soon as it is over."""
        started = time.monotonic()
        self._printed_before = self.check.shared.written if self.check.shared else 0
        self._outcome = {"outcome": "passed", "message": "", "evidence": None}
        with self.check.test():
            result = yield
        failed = self._outcome["outcome"] != "passed"
        self.emit(
            {
                "kind": "test",
                "place": self._places[item.name],
                "name": item.name,
                "exercise": mark_of(item)["slug"],
                **self._outcome,
                "printed": last_lines(self._printed()) if failed else "",
                "duration_ms": round((time.monotonic() - started) * 1000, 1),
            }
        )
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.excinfo is not None and self._outcome["outcome"] == "passed":
            self._outcome = self._judge(item, call.excinfo.value, report)
            evidence = self.check.recorder.evidence(self.check.llm.events)
            self._outcome["evidence"] = asdict(evidence)  # as it is now, before fixtures tidy up
        return report

    def _judge(
        self, item: pytest.Item, problem: BaseException, report: pytest.TestReport
    ) -> dict[str, Any]:
        """The app's fault, the course's fault, or what could not run."""
        if isinstance(problem, (pytest.skip.Exception, Missing)):
            outcome = "error" if not_run_is_an_error() else "not_run"
            return {"outcome": outcome, "message": str(problem)}
        if isinstance(problem, AppFailed):
            return {"outcome": "failed", "message": str(problem)}
        if isinstance(problem, AssertionError):
            sentence = self.check.overdue or str(problem) or f"{report.head_line} does not hold."
        elif isinstance(problem, SHAPE):
            sentence = (
                f"The answer has another shape than expected ({type(problem).__name__}: {problem})."
            )
        else:
            return {"outcome": "error", "message": report.longreprtext}
        where = learner_first(self._printed(), Path(self.check.job.folder))
        message = "\n".join(line for line in (sentence, where, self._place(item)) if line)
        return {"outcome": "failed", "message": message}

    def _place(self, item: pytest.Item) -> str:
        """Which idea to look at, and where the lesson speaks of it."""
        mark = mark_of(item)
        return f"{mark['idea']}  {self.check.job.page}#{mark['look']}"

    def _printed(self) -> str:
        """What the shared app and the test's own wrote during this test, as far as it was kept."""
        shared = self.check.shared
        count = shared.written - self._printed_before if shared is not None else 0
        by_shared = shared.tail[-count:] if shared is not None and count > 0 else b""
        return by_shared.decode("utf-8", "backslashreplace") + self.check.printed()

    @pytest.fixture
    def llm(self) -> FakeLLM:
        """The fake LLM, with a clean ledger."""
        return self.check.llm

    @pytest.fixture
    def app(self) -> App:
        """The app that all tests of the suite share."""
        return self.check.shared_app()

    @pytest.fixture
    def fresh_app(self) -> FreshApp:
        """Start the app again with other settings, for this test alone."""
        return self.check.fresh_app

    @pytest.fixture
    def tmp_path(self) -> Path:
        """An empty folder; it goes with the check, where pytest's own would stay."""
        return self.check.scene.new_folder()

    @pytest.fixture
    def redis_server(self) -> RedisServer:
        """A real Redis, running and empty; without one the test is not run."""
        return self.check.redis_server()

    @pytest.fixture
    def folder(self) -> Path:
        """The folder that is graded, for a suite that reads files of it."""
        return Path(self.check.job.folder)

    @pytest.fixture
    def hadolint(self) -> Lint:
        """What hadolint says of a Dockerfile; without it the test is not run."""
        return tools.hadolint()

    @pytest.fixture
    def actionlint(self) -> Lint:
        """What actionlint says of a workflow; without it the test is not run."""
        return tools.actionlint()

    @pytest.fixture
    def kubernetes_schemas(self) -> Schemas:
        """Kubernetes' own schemas; without them the test is not run."""
        return tools.kubernetes_schemas()

    @pytest.fixture
    def schema_tools(self) -> SchemaTools:
        """A validator of OpenAPI schemas, and what tries an app out by its schema."""
        return self.check.schema_tools()

    @pytest.fixture
    def learners_tests(self) -> LearnersTests:
        """The learner's own tests, to be run on apps of the suite."""
        return self.check.learners_tests()

    @pytest.fixture
    def postgres_url(self) -> str:
        """A new database of a real PostgreSQL; without one the test is not run."""
        return self.check.postgres_url()


def part_of(items: Sequence[pytest.Item], number: int, count: int) -> list[pytest.Item]:
    """The share of worker `number` of `count`: the same in each check."""
    units: dict[object, list[pytest.Item]] = {}
    for item in items:
        together = KEPT_TOGETHER.intersection(getattr(item, "fixturenames", ()))
        units.setdefault(frozenset(together) or item.name, []).append(item)
    return [item for unit in list(units.values())[number::count] for item in unit]


def last_lines(text: str) -> str:
    """The end of a text, beginning at a line."""
    if len(text) <= PRINTED_SHOWN:
        return text
    return text[-PRINTED_SHOWN:].partition("\n")[2] or text[-PRINTED_SHOWN:]


def mark_of(item: pytest.Item) -> dict[str, str]:
    """The `exercise` mark: slug, look, idea."""
    mark = item.get_closest_marker("exercise")
    said = set(mark.kwargs) - {"rests_on"} if mark else set()
    if mark is None or said != {"look", "idea"} or len(mark.args) != 1:
        raise pytest.UsageError(f"{item.nodeid}: mark it with exercise(slug, look=..., idea=...)")
    return {"slug": mark.args[0], **mark.kwargs}


def run_pytest(suites: list[str], drive: Callable[[Callable[[Check, Emit], None]], None]) -> int:
    """Collect `suites` and let `drive` run tests; returns pytest's exit code."""
    return int(pytest.main([*SUITE_OPTIONS, *suites], plugins=[SuitePlugin(drive)]))
