"""What an app prints: together, or with stdout apart for a suite that asks; and in which zone."""

import os
from pathlib import Path

import pytest
from tiny_course import grade_hello

from course.grading.verdict import Verdict

APP = """\
import sys
import time
from fastapi import FastAPI

app = FastAPI()


@app.get("/farewell/{name}")
def see_off(name: str):
    print("goodbye", name)
    print("oh dear", file=sys.stderr)
    return {"hour": time.localtime(0).tm_hour}
"""
SUITE = '''\
"""Lesson hello."""

import pytest
from course.grading.suite import App

SETTINGS = {"TZ": "JST-9"}
STDOUT_APART = True

greeting = pytest.mark.exercise("greeting", look="use-the-name", idea="Who is asking?")
farewell = pytest.mark.exercise("farewell", look="use-the-name", idea="Who is leaving?")


@greeting
def test_only_what_is_on_stdout_is_on_stdout(app: App) -> None:
    app.get("/farewell/Ada")
    app.get("/farewell/Bo")
    enough = app.wait_for_stdout(lambda text: text.count("\\n") == 2)
    assert enough and app.stdout == "goodbye Ada\\ngoodbye Bo\\n", f"On stdout: {app.stdout!r}."


@farewell
def test_the_output_is_both_and_the_clock_is_that_of_the_settings(app: App) -> None:
    assert app.get("/farewell/Ada").json() == {"hour": 9}, "The zone is another."
    both = app.wait_for_output("goodbye Ada") and app.wait_for_output("oh dear")
    assert both, f"It has printed {app.output!r}."
'''


OWN_APP = """

@greeting
def test_an_app_of_its_own(fresh_app) -> None:
    fresh_app().get("/farewell/Cy")
    raise AssertionError("It shows what its own app has printed.")
"""


def outcomes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(test.outcome, test.message) for each in verdict.exercises for test in each.tests]


@pytest.mark.parametrize("warm", ["0", "1"])
def test_a_suite_that_asks_has_stdout_apart(
    warm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_WARM", warm)  # apps as new interpreters, and as forks
    monkeypatch.setenv("TZ", os.environ.get("TZ", "UTC"))
    assert outcomes(grade_hello(tmp_path, APP, SUITE)) == [("passed", "")] * 2


def test_a_suite_that_does_not_ask_may_not_read_it(tmp_path: Path) -> None:
    verdict = grade_hello(tmp_path, APP, SUITE.replace("STDOUT_APART = True\n", ""))
    (first, _), (second, _) = outcomes(verdict)
    assert (first, second) == ("error", "passed")


def test_what_an_app_of_a_tests_own_has_printed_is_shown_as_well(tmp_path: Path) -> None:
    verdict = grade_hello(tmp_path, APP, SUITE + OWN_APP)
    failed = next(t for each in verdict.exercises for t in each.tests if t.outcome == "failed")
    assert "goodbye Cy\n" in failed.printed
    assert "goodbye Ada" not in failed.printed
