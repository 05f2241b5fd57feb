"""The learner's own commands around a check: where am I, hints, diff, reset, solution."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.catalog import Exercise, Lesson
from course.grading.grader import THE_APP_STARTS
from course.grading.preflight import NO_APP
from course.grading.verdict import Verdict
from course.reporting.terminal import Standing, State
from course.workspace import Workspace, WorkspaceError, as_typed

SOLVED_FIRST = "is shown once your own version passes; --spoil shows it now."


@dataclass(frozen=True)
class Hints:
    """The hints of an exercise that one has asked for, the newest last."""

    exercise: Exercise
    shown: tuple[str, ...]

    @property
    def left(self) -> int:
        return len(self.exercise.hints) - len(self.shown)


def remember_verdict(workspace: Workspace, lesson: Lesson, verdict: Verdict) -> None:
    """Save what a check of the learner's own work found out."""
    known = workspace.progress().get(lesson.slug, {})
    workspace.remember(
        lesson,
        points=max(verdict.points, int(known.get("points", 0))),  # what was earned stays
        passed=bool(known.get("passed")) or verdict.outcome == "passed",
        failed=[e.slug for e in verdict.exercises if e.outcome != "passed"],
    )


def next_step(
    workspace: Workspace, lesson: Lesson, verdict: Verdict, watching: bool = False
) -> str:
    """The one command that brings a learner on from this verdict."""
    course = workspace.course()
    failed = [exercise for exercise in verdict.exercises if exercise.outcome == "failed"]
    core = [exercise for exercise in failed if not exercise.stretch]
    if verdict.outcome == "error":
        return as_typed("doctor")
    if core and any(test.name != THE_APP_STARTS for test in core[0].tests):
        return as_typed(f"hint {lesson.slug} {core[0].slug}")
    if core and verdict.target == "work" and NO_APP in core[0].tests[0].message:
        return as_typed(f"reset {lesson.slug}")
    if core and watching:
        return "put that right and save"
    if core:
        return as_typed(f"check {lesson.slug} --watch")
    if any(e.outcome == "not_run" for e in verdict.exercises if not e.stretch):
        return as_typed("doctor")
    following = course.lessons[course.lessons.index(lesson) + 1 :]
    return (
        as_typed(f"start {following[0].slug}") if following else as_typed(f"solution {lesson.slug}")
    )


def next_hint(workspace: Workspace, lesson: Lesson, exercise_slug: str | None) -> Hints:
    """The hints seen so far and the next one, which is remembered."""
    facts = workspace.progress().get(lesson.slug, {})
    slug = exercise_slug or next(iter(facts.get("failed", [])), lesson.exercises[0].slug)
    exercise = lesson.exercise(slug)
    seen: dict[str, Any] = facts.get("hints", {})
    number = min(int(seen.get(slug, 0)) + 1, len(exercise.hints))
    workspace.remember(lesson, hints={**seen, slug: number})
    return Hints(exercise, exercise.hints[:number])


def passed(workspace: Workspace, lesson: Lesson) -> bool:
    """The learner's own version has passed at least once."""
    return bool(workspace.progress().get(lesson.slug, {}).get("passed"))


def diff(workspace: Workspace, lesson: Lesson, other: Path) -> Iterator[str]:
    """A unified diff from `other` (starter or solution) to the learner's files, line by line."""
    work = workspace.folder(lesson, "work")
    if not work.is_dir():
        raise WorkspaceError(
            f"lesson {lesson.slug} has not been started; `{as_typed(f'start {lesson.slug}')}` does."
        )
    names = {path.relative_to(root) for root in (other, work) for path in texts(root)}
    for name in sorted(names):
        theirs, ours = (lines(root / name) for root in (other, work))
        before, after = (f"{root.parent.name}/{root.name}/{name}" for root in (other, work))
        yield from difflib.unified_diff(theirs, ours, before, after, lineterm="")


def texts(folder: Path) -> Iterator[Path]:
    """The files of a lesson that one would read."""
    for path in folder.rglob("*"):
        folders = path.relative_to(folder).parts[:-1]
        left_by_tools = any(name == "__pycache__" or name.startswith(".") for name in folders)
        if path.is_file() and not left_by_tools and not re.search(r"\.(db|pyc)", path.name):
            yield path


def lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8", errors="backslashreplace").splitlines()


def solution_files(workspace: Workspace, lesson: Lesson, spoil: bool) -> list[Path]:
    """The files of the solution; `WorkspaceError` until it was earned."""
    if not (spoil or passed(workspace, lesson)):
        raise WorkspaceError(f"the solution of {lesson.slug} {SOLVED_FIRST}")
    return sorted(texts(workspace.folder(lesson, "solution")))


def overview(workspace: Workspace) -> tuple[list[Standing], str]:
    """How far each lesson is, and the command that goes on."""
    course = workspace.course()
    progress = workspace.progress()
    current = workspace.current_lesson(course)
    standings = []
    for lesson in course.lessons:
        facts = progress.get(lesson.slug, {})
        begun: State = "started" if workspace.folder(lesson, "work").exists() else "not started"
        standings.append(
            Standing(
                lesson=lesson.slug,
                title=lesson.title,
                points=int(facts.get("points", 0)),
                max_points=len(lesson.core),
                state="passed" if facts.get("passed") else begun,
                current=lesson is current,
            )
        )
    return standings, as_typed(f"check {current.slug}")
