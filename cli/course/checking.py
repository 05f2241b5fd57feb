"""`course check`: choose what to grade, grade it, show it, remember it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from course.catalog import Course, Lesson
from course.grading.grader import Runner, grade
from course.grading.verdict import TestVerdict, Verdict
from course.workspace import Which, Workspace, WorkspaceError


@dataclass(frozen=True)
class Choice:
    """What the options of `course check` (and `serve`, `diff`) choose."""

    slug: str | None = None
    starter: bool = False
    solution: bool = False
    path: Path | None = None
    every: bool = False


@dataclass(frozen=True)
class Target:
    """One lesson and the folder that stands for it. `name` is what the verdict calls it."""

    lesson: Lesson
    folder: Path
    name: str


def targets(choice: Choice, workspace: Workspace) -> list[Target]:
    """What to grade; a lesson without work is started. `WorkspaceError` when the options clash."""
    course = workspace.course()
    if choice.starter + choice.solution + (choice.path is not None) > 1:
        raise WorkspaceError("choose one of --starter, --solution and --path.")
    if choice.every and (choice.slug or choice.path):
        raise WorkspaceError("--all goes with neither a lesson nor --path.")
    which: Which = "starter" if choice.starter else "solution" if choice.solution else "work"
    if choice.every:
        return all_targets(course, workspace, which)
    lesson = course.lesson(choice.slug) if choice.slug else workspace.current_lesson(course)
    if choice.path is not None:
        if not choice.path.is_dir():
            raise WorkspaceError(f"there is no folder {choice.path}.")
        return [Target(lesson, choice.path, str(choice.path))]
    if which == "work" and not workspace.folder(lesson, "work").exists():
        workspace.start(lesson)
    return [Target(lesson, workspace.folder(lesson, which), which)]


def all_targets(course: Course, workspace: Workspace, which: Which) -> list[Target]:
    """Every lesson of starter or solution; of the work, the lessons one has started."""
    found = [
        Target(lesson, workspace.folder(lesson, which), which)
        for lesson in course.lessons
        if workspace.folder(lesson, which).is_dir()
    ]
    if not found:
        raise WorkspaceError("no lesson has been started yet; `course start basic` starts the first.")
    return found


def grade_target(target: Target, workspace: Workspace, runner: Runner | None = None) -> Verdict:
    """Grade one target, without remembering anything."""
    return grade(
        target.lesson,
        target.folder,
        workspace.suite(target.lesson),
        target=target.name,
        page=workspace.shown_page(target.lesson),
        runner=runner,
    )


def run_check(choice: Choice, *, watch: bool, json: str | None, junit: Path | None) -> int:
    import json as json_module

    workspace = Workspace.here()
    verdicts = [grade_target(target, workspace) for target in targets(choice, workspace)]
    print(json_module.dumps(verdicts[0].as_dict(), indent=1), file=sys.stdout)
    return max(verdict.exit_code for verdict in verdicts)


__all__ = ["Choice", "Target", "TestVerdict", "grade_target", "run_check", "targets"]
