"""Workers share the tests of a check: side by side, each with an app of its own, none left."""

import os
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_course import APP, grade_hello

from course.grading.plugin import part_of
from course.grading.verdict import Verdict
from course.grading.warm import WarmRunner

HEAD = """\
import os, signal, time
from pathlib import Path

import pytest
from course.grading.suite import App, FreshApp

SEEN = Path(__file__).parent
greeting = pytest.mark.exercise("greeting", look="use-the-name", idea="Who is asking?")
pytestmark = pytest.mark.exercise("farewell", look="use-the-name", idea="Who is leaving?")


def meets(other: str, within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while not (SEEN / other).exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    return (SEEN / other).exists()


"""
EACH_WAITS_FOR_ANOTHER = (
    HEAD
    + """\
@greeting
def test_the_first_begins_alone(app: App) -> None:
    assert not meets("2", within=0.3), "The second had begun."
    (SEEN / "1").write_text(str(app.pid))


@pytest.mark.parametrize("number", [2, 3, 4])
def test_the_others_side_by_side(app: App, number: int) -> None:
    (SEEN / str(number)).write_text(str(app.pid))
    assert all(meets(str(other)) for other in (1, 2, 3, 4)), "Another one never began."
"""
)


def outcomes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(test.name, test.outcome) for each in verdict.exercises for test in each.tests]


def test_what_follows_the_first_runs_side_by_side_each_with_its_own_app(tmp_path: Any) -> None:
    verdict = grade_hello(tmp_path, APP, EACH_WAITS_FOR_ANOTHER)
    assert outcomes(verdict) == [
        ("test_the_first_begins_alone", "passed"),
        *((f"test_the_others_side_by_side[{number}]", "passed") for number in (2, 3, 4)),
    ]
    suite = tmp_path / "tests/suites/hello"
    assert len({(suite / number).read_text() for number in "1234"}) == 4


def test_results_stand_in_the_order_of_the_suite(tmp_path: Any) -> None:
    suite = (
        HEAD
        + """\
@greeting
def test_first() -> None: ...

@greeting
def test_last_to_end() -> None:
    assert meets("done"), "The other one never ended."

def test_first_to_end() -> None:
    (SEEN / "done").touch()

@greeting
def test_another() -> None: ...
"""
    )
    names = [name for name, outcome in outcomes(grade_hello(tmp_path, APP, suite))]
    assert names == ["test_first", "test_last_to_end", "test_another", "test_first_to_end"]


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("ending", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_worker_that_is_lost_is_an_error_and_no_verdict(
    tmp_path: Any, warm: bool, ending: str
) -> None:
    suite = (
        HEAD
        + f"""\
@greeting
def test_first(app: App) -> None: ...

def test_loses_the_worker(fresh_app: FreshApp) -> None:
    (SEEN / "app").write_text(str(fresh_app().pid))
    {ending}

def test_beside_it() -> None: ...
"""
    )
    path = tmp_path / "tests/suites/hello/test_hello.py"
    if warm:
        path.parent.mkdir(parents=True)
        path.write_text(suite)
        with WarmRunner([path]) as runner:
            verdict = grade_hello(tmp_path, APP, suite, runner)
    else:
        verdict = grade_hello(tmp_path, APP, suite)
    assert verdict.outcome == "error"
    said = [test.message for each in verdict.exercises for test in each.tests if test.message]
    assert any("A worker of the check was lost." in message for message in said), said
    app = int((path.parent / "app").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(app, 0)


def test_what_shares_an_expensive_fixture_is_one_workers() -> None:
    def item(name: str, *fixtures: str) -> Any:
        return SimpleNamespace(name=name, fixturenames=fixtures)

    learners = [item(f"learner {n}", "learners_tests") for n in range(3)]
    others = [item(f"other {n}", "app", "llm") for n in range(4)]
    mixed = [others[0], learners[0], others[1], learners[1], others[2], learners[2], others[3]]
    shares = [part_of(mixed, number, 3) for number in range(3)]
    assert shares == [[others[0], others[2]], [*learners, others[3]], [others[1]]]
