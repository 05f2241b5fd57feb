"""`course dev check` and `course dev sync` as commands: what they print, and how they end."""

import sys
from collections.abc import Sequence

from course.dev import check
from course.dev.check import LessonReport, check_course, progress
from course.dev.locks import LockingFailed
from course.dev.notebooks import NotebookError
from course.dev.pages import ExcerptError
from course.dev.suites import read_suite
from course.dev.sync import sync
from course.grading.grader import Runner
from course.grading.warm import best_runner
from course.workspace import Workspace


def check_lessons(slugs: Sequence[str], *, matrix: bool = False) -> int:
    """Prove lessons; prints what does not hold, and returns 1 if anything does not."""
    workspace = Workspace.here()

    def make_runner() -> Runner:
        return best_runner([workspace.suite(lesson) for lesson in workspace.course().lessons])

    def on_lesson(report: LessonReport) -> None:
        for finding in report.unsteady:
            print(f"not again when graded alone: {finding}", file=sys.stderr)
        if sys.stderr.isatty():
            print(progress(report), file=sys.stderr)

    report = check_course(workspace, slugs, make_runner, on_lesson)
    if matrix:
        for lesson_report in report.lessons:
            print(*matrix_lines(workspace, lesson_report), sep="\n")
    for finding in report.all_findings:
        print(finding)
    return 1 if report.all_findings else 0


def matrix_lines(workspace: Workspace, report: LessonReport) -> list[str]:
    tests = [test.name for test in read_suite(workspace.suite(report.lesson))]
    return check.matrix(report, tests)


def sync_course(*, only_check: bool) -> int:
    """Write what is generated, or only say what is out of date; returns 1 if anything stays so."""
    try:
        stale = sync(Workspace.here(), only_check)
    except (ExcerptError, NotebookError, LockingFailed) as problem:
        print(problem, file=sys.stderr)
        return 1
    for what in stale:
        print(what if only_check else f"written: {what}")
    return 1 if only_check and stale else 0
