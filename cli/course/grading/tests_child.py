"""Inside the process of a learner's tests: run pytest in their folder and tell what happened.

Each line over the control socket is a stage: `collected` with the names of the tests, `test` as
each ends, `connection` when they reach for a network, `broken` when they cannot be collected,
`end` last. What has no `end`, or fewer results than tests, is no result: a test that ends the
process, or pytest, proves nothing.
"""

import importlib.util
import os
import random
import re
import sys
import threading
import unittest
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from course.grading.own_network import OwnNetwork

OPTIONS = (
    "-p", "no:cacheprovider",
    "-p", "no:faulthandler",
    "-p", "no:terminal",
    "-p", "no:threadexception",
    "-p", "no:unraisableexception",  # it collects garbage five times over at the end
    "-c", os.devnull,
)  # fmt: skip
PLUGINS = ("anyio.pytest_plugin", "respx.plugin", "_hypothesis_pytestplugin")

Report = Callable[..., None]


def run_tests(folder: str, wanted: Mapping[str, Any], report: Report) -> None:
    """Run the test file `wanted["file"]`.

    `wanted` may have `order` (a seed to shuffle by, or "reversed"), `only` (the name of the one
    test to run), `alone` (true: each test in a fork of its own), and `strangers` (see
    `OwnNetwork`). The tests can read it: it says nothing of what their app is.
    """
    sys.path.insert(0, folder)
    plugin = TellingPlugin(wanted, folder, report)
    sys.addaudithook(OwnNetwork(wanted.get("strangers", ()), report))
    installed = [name for name in PLUGINS if importlib.util.find_spec(name.partition(".")[0])]
    plugins = [part for name in installed for part in ("-p", name)]
    arguments = [*OPTIONS, *plugins, f"--rootdir={folder}", str(Path(folder, wanted["file"]))]
    pytest.main(arguments, plugins=[plugin])
    report("end")


class TellingPlugin:
    """Puts the tests into the order wanted, and tells how each of them ended."""

    def __init__(self, wanted: Mapping[str, Any], folder: str, report: Report) -> None:
        self._wanted = wanted
        self._folder = folder
        self._report = report
        self._outcome = "passed"
        self._message = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Nobody reads pytest's own tracebacks, and they cost more than the tests."""
        config.option.tbstyle = "native"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order, only = self._wanted.get("order"), self._wanted.get("only")
        if order == "reversed":
            items.reverse()
        elif order is not None:
            random.Random(order).shuffle(items)
        if only is not None:
            items[:] = [item for item in items if item.nodeid == only]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._report("broken", text=what_broke(report.longreprtext))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._report("collected", tests=[item.nodeid for item in session.items])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> object:
        """With `alone`, run each test in a fork: what one leaves behind, no other one finds."""
        if not self._wanted.get("alone") or session.testsfailed:
            return None
        if not hasattr(os, "fork") or threading.active_count() > 1:
            self._report("not forked")
            return True
        for item in session.items:
            pid = os.fork()
            if pid == 0:
                try:
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._outcome, self._message = "passed", ""
        result = yield
        self._report("test", name=item.nodeid, outcome=self._outcome, message=self._message)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge by what was raised: no hook of theirs makes a failure anything else."""
        report = yield
        if hasattr(report, "wasxfail"):
            self._saw("skipped", "it is expected to fail")
        elif call.excinfo is None:
            if report.failed:
                self._saw("failed", last_line(report.longreprtext))
        elif call.excinfo.errisinstance((pytest.skip.Exception, unittest.SkipTest)):
            self._saw("skipped", str(call.excinfo.value))
        else:
            self._saw("failed", where_it_failed(call.excinfo, self._folder))
        return report

    def _saw(self, outcome: str, message: str) -> None:
        if self._outcome != "failed":
            self._outcome, self._message = outcome, message


def where_it_failed(problem: pytest.ExceptionInfo[BaseException], folder: str) -> str:
    """`test_app.py, line 12: assert 401 == 200`: their deepest line, and what was raised there."""
    said = problem.exconly().removeprefix("AssertionError: ").partition("\n")[0]
    own = [entry for entry in problem.traceback if Path(entry.path).is_relative_to(folder)]
    if not own:
        return said
    return f"{Path(own[-1].path).relative_to(folder)}, line {own[-1].lineno + 1}: {said}"


def what_broke(text: str) -> str:
    """The last line of a report, and the place in a file that it names last."""
    places = re.findall(r'([\w.-]+\.py)(?:", line |:)(\d+)', text)
    where = f"{places[-1][0]}, line {places[-1][1]}: " if places else ""
    return where + last_line(text)


def last_line(text: str) -> str:
    """What a long report of pytest ends with."""
    lines = [line.removeprefix("E ").strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
