"""Suites in which the app does not come first, and apps that serve themselves."""

from pathlib import Path

import pytest
from tiny_course import HELLO, MANIFEST

from course.catalog import Lesson
from course.grading.deploying import tools
from course.grading.grader import ColdRunner, grade
from course.grading.services import claimed_port, free_port
from course.grading.verdict import Verdict
from course.grading.warm import WarmRunner
from course.workspace import Workspace

SUITE = '''\
"""Lesson hello."""

from pathlib import Path

import pytest
from course.grading.suite import App, FreshApp

APP_FIRST = False

greeting = pytest.mark.exercise("greeting", look="x", idea="Who?")
farewell = pytest.mark.exercise("farewell", look="x", idea="Who?")


@greeting
def test_a_note_lies_in_the_folder(folder: Path) -> None:
    assert (folder / "note.txt").is_file(), "There is no note."


@farewell
def test_the_app_serves_itself(fresh_app: FreshApp) -> None:
    app = fresh_app(module="app", MODE="serve")
    assert app.get("/").text == "served by __main__", "It does not serve itself."
    app.terminate()
    assert app.wait_for_exit() == 7, "Its exit code is another."
    assert "goodbye" in app.output, "It does not say goodbye."


@farewell
@pytest.mark.parametrize("mode", ["text", "number", "nothing", "raise"])
def test_it_ends_as_the_interpreter_ends(mode: str, fresh_app: FreshApp) -> None:
    app = fresh_app(module="app", wait=False, MODE=mode)
    code = {"text": 1, "number": 5, "nothing": 0, "raise": 1}[mode]
    assert app.wait_for_exit() == code, f"Its exit code is not {code}."
    said = {"text": "a sentence", "number": "", "nothing": "", "raise": "ValueError: raised"}
    assert app.errors.strip().endswith(said[mode]), f"It said {app.errors!r}."
    assert "only said aloud" in app.output and "aloud" not in app.errors, "It all comes together."
'''
APP = """\
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

app = None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"served by {__name__}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()
    threading.Timer(0.2, lambda: print("goodbye")).start()
    sys.exit(7)


if __name__ == "__main__":
    print("only said aloud")
    match os.environ["MODE"]:
        case "serve":
            main()
        case "text":
            sys.exit("a sentence")
        case "number":
            sys.exit(5)
        case "raise":
            raise ValueError("raised")
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name, text in (("course.toml", MANIFEST), (HELLO, SUITE), ("work/01_hello/note.txt", "")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Workspace(tmp_path, tmp_path / "work")


def check(workspace: Workspace, app: str | None, warm: bool = False) -> Verdict:
    (lesson,) = workspace.course().lessons
    folder = workspace.work / "01_hello"
    if app is not None:
        (folder / "app.py").write_text(app)
    if not warm:
        return graded(lesson, folder, workspace.suite(lesson), ColdRunner())
    with WarmRunner([workspace.suite(lesson)]) as runner:
        return graded(lesson, folder, workspace.suite(lesson), runner)


def graded(lesson: Lesson, folder: Path, suite: Path, runner: ColdRunner | WarmRunner) -> Verdict:
    return grade(lesson, folder, suite, target="work", page="PAGE.md", runner=runner)


@pytest.mark.parametrize("how", ["cold", "forked", "warm"])
def test_an_app_serves_itself_and_ends_by_itself(
    how: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "cold":
        monkeypatch.setenv("COURSE_WARM", "0")
    verdict = check(workspace, APP, warm=how == "warm")
    said = [test.message for each in verdict.exercises for test in each.tests]
    assert verdict.outcome == "passed", said


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (None, "There is no app.py (or package app/) in the folder."),
        ("import", "app.py, line 1: a syntax error"),
        ("", "`python -m app` ended before it served (exit code 0)."),
        ("raise RuntimeError('broken')", "RuntimeError: broken"),
    ],
)
def test_a_broken_app_fails_what_needs_it_and_nothing_else(
    app: str | None, said: str, workspace: Workspace
) -> None:
    greeting, farewell = check(workspace, app).exercises
    assert (greeting.outcome, farewell.outcome) == ("passed", "failed")
    assert said in farewell.tests[0].message


def test_a_folder_that_is_not_there_is_no_lesson(workspace: Workspace) -> None:
    (workspace.work / "01_hello" / "note.txt").unlink()
    (workspace.work / "01_hello").rmdir()
    verdict = check(workspace, None)
    assert {each.outcome for each in verdict.exercises} == {"failed"}
    assert "There is no folder" in verdict.exercises[0].tests[-1].message


def test_a_claimed_port_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    port, claim = claimed_port()
    monkeypatch.setattr("random.sample", lambda ports, count: [port, port + 1])
    with claim:
        assert free_port() == port + 1
    assert free_port() == port


LINTED = '''\
"""Lesson hello."""

import pytest
from course.grading.deploying.tools import Lint, Schemas

APP_FIRST = False


@pytest.mark.exercise("greeting", look="x", idea="Who?")
def test_hadolint(hadolint: Lint) -> None:
    """Never comes that far."""


@pytest.mark.exercise("farewell", look="x", idea="Who?")
def test_actionlint(actionlint: Lint, kubernetes_schemas: Schemas) -> None:
    """Never comes that far."""
'''


def test_without_its_tool_an_exercise_is_not_run_and_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(workspace, monkeypatch)
    monkeypatch.delenv("COURSE_REQUIRE_SERVICES", raising=False)
    verdict = check(workspace, None)
    assert [each.outcome for each in verdict.exercises] == ["not_run", "not_run"]
    assert [each.tests[0].message.partition(",")[0] for each in verdict.exercises] == [
        "Needs hadolint",
        "Needs actionlint",
    ]


def test_in_the_projects_own_tests_that_is_an_error(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(workspace, monkeypatch)
    monkeypatch.setenv("COURSE_REQUIRE_SERVICES", "1")
    assert check(workspace, None).outcome == "error"


def hide(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """No linter is found: the suite hides the tools from itself, and PATH holds nothing."""
    hidden = (
        "from course.grading.deploying import tools\n"
        "tools.in_wheel = tools._beside_python = lambda *_: None\n\n\n@pytest"
    )
    suite = workspace.suite(workspace.course().lessons[0])
    suite.write_text(LINTED.replace("@pytest", hidden, 1))
    monkeypatch.setenv("PATH", "")


def test_the_doctor_names_the_linters_and_who_needs_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course.doctor import LINTERS, Finding, linter

    workspace.suite(workspace.course().lessons[0]).write_text(LINTED)
    assert linter(workspace, "hadolint") == Finding("hadolint installed (for hello greeting)")
    monkeypatch.setattr(tools, "in_wheel", lambda package, pattern: None)
    monkeypatch.setenv("PATH", "")
    assert linter(workspace, "actionlint").what.startswith("no actionlint installed")
    assert list(LINTERS) == ["hadolint", "actionlint", "kubernetes_schemas"]
    monkeypatch.setattr("course.doctor.can_install", lambda root: True)
    assert linter(workspace, "actionlint").word == "later"
