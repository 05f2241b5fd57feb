"""Golden submissions: all that can go wrong with one, with its exact verdict and screen.

`COURSE_WRITE_GOLDEN=1 course test tests/course/test_golden.py` writes the expectations anew; read
the diff.
"""

import dataclasses
import io
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from course.catalog import load
from course.grading.grader import ColdRunner, Runner, grade
from course.grading.verdict import Verdict
from course.grading.warm import WarmRunner
from course.reporting.terminal import show_verdict

GOLDEN = Path(__file__).parent.parent / "golden"
SUITE = GOLDEN / "test_golden.py"
CASES = sorted(path.name for path in (GOLDEN / "cases").iterdir())
PATIENCE = 2.0

# What differs from run to run, and what stands for it.
VARYING = (
    (r"sk-test-[0-9a-f]{16}", "sk-test-KEY"),
    (r"127\.0\.0\.1(:|', )\d+", r"127.0.0.1\1PORT"),
    (r"[0-9a-f]{6}: You asked", "NONCE: You asked"),
    (r"\([0-9a-f]{8}\)", "(HASH)"),
    (r"\(\d{5,} bytes in all\)", "(MANY bytes in all)"),
    (r"\(\d{3,} moments are", "(MANY moments are"),
)


def check(folder: Path, runner: Runner) -> Verdict:
    lesson = load(GOLDEN / "course.toml").lesson("golden")
    return grade(
        lesson,
        folder,
        SUITE,
        target="submission",
        page="lessons/01_golden/README.md",
        patience=PATIENCE,
        runner=runner,
    )


def settled(value: Any, folder: Path) -> Any:
    """The same value with everything that differs from run to run replaced."""
    if isinstance(value, dict):
        return {
            key: 0 if key in ("duration_ms", "at_ms") else settled(item, folder)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [settled(item, folder) for item in value]
    if isinstance(value, str):
        value = value.replace(str(folder), "FOLDER")
        for pattern, replacement in VARYING:
            value = re.sub(pattern, replacement, value)
    return value


def screen(verdict: Verdict, folder: Path) -> str:
    """The screen at width 80, of a verdict in which everything varying was replaced first."""
    exercises = tuple(
        dataclasses.replace(
            exercise,
            tests=tuple(
                dataclasses.replace(
                    test,
                    message=settled(test.message, folder),
                    printed=settled(test.printed, folder),
                    evidence=dataclasses.replace(
                        test.evidence,
                        received=settled(test.evidence.received, folder),
                        timeline=[
                            dataclasses.replace(moment, at_ms=0)
                            for moment in test.evidence.timeline
                        ],
                    ),
                )
                for test in exercise.tests
            ),
        )
        for exercise in verdict.exercises
    )
    console = Console(file=io.StringIO(), width=80, color_system=None, force_terminal=False)
    show_verdict(
        dataclasses.replace(verdict, exercises=exercises),
        console,
        next_step="course check golden",
        compare="course solution golden",
    )
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes whose working folder is `folder` (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def submission(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    shutil.copytree(GOLDEN / "cases" / request.param / "submission", folder)
    return folder


@pytest.mark.parametrize(
    ("submission", "case"), [(case, case) for case in CASES], indirect=["submission"]
)
def test_the_verdict_and_the_screen_are_exact(submission: Path, case: str) -> None:
    before = contents(submission)
    verdict = check(submission, ColdRunner())
    expected = GOLDEN / "cases" / case
    document = json.dumps(settled(verdict.as_dict(), submission), indent=1) + "\n"
    picture = screen(verdict, submission)
    if os.environ.get("COURSE_WRITE_GOLDEN"):
        (expected / "verdict.json").write_text(document)
        (expected / "screen.txt").write_text(picture)
    assert document == (expected / "verdict.json").read_text()
    assert picture == (expected / "screen.txt").read_text()
    assert processes_in(submission) == []
    assert contents(submission) == before


@pytest.fixture(scope="module")
def warm_runner() -> Any:
    with WarmRunner([SUITE]) as runner:
        yield runner


@pytest.mark.parametrize(
    ("submission", "case"), [(case, case) for case in CASES], indirect=["submission"]
)
def test_warm_parents_come_to_the_same_verdict(
    submission: Path, case: str, warm_runner: WarmRunner
) -> None:
    verdict = check(submission, warm_runner)
    document = json.dumps(settled(verdict.as_dict(), submission), indent=1) + "\n"
    assert document == (GOLDEN / "cases" / case / "verdict.json").read_text()
    assert processes_in(submission) == []


def test_only_what_is_right_passes() -> None:
    passed = {
        case
        for case in CASES
        if json.loads((GOLDEN / "cases" / case / "verdict.json").read_text())["outcome"] == "passed"
    }
    assert passed == {"right", "package"}


def test_an_empty_folder_fails(tmp_path: Path) -> None:
    verdict = check(tmp_path, ColdRunner())
    messages = {test.message for exercise in verdict.exercises for test in exercise.tests}
    assert verdict.outcome == "failed"
    assert messages == {"There is no app.py (or package app/) in the folder."}


def test_a_missing_folder_fails(tmp_path: Path) -> None:
    verdict = check(tmp_path / "nowhere", ColdRunner())
    assert verdict.outcome == "failed"
    assert "There is no folder" in verdict.exercises[0].tests[0].message


def test_a_read_only_folder_is_graded_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "submission"
    shutil.copytree(GOLDEN / "cases" / "right" / "submission", folder)
    folder.chmod(0o555)
    try:
        assert check(folder, ColdRunner()).outcome == "passed"
    finally:
        folder.chmod(0o755)
