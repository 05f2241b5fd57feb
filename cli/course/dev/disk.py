"""Manifest and disk agree: every lesson has its files, and there are no others."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from course.catalog import Course, Lesson
from course.dev.findings import Finding
from course.dev.source import LEFTOVERS, walk
from course.dev.suites import SuiteTest, function_of, read_suite
from course.dev.wrong_apps import WrongApp
from course.workspace import Workspace

LEAST_HINTS = 3
LEAST_WRONG_APPS = 3  # an exercise
LEAST_RIGHT_APPS = 2  # a lesson
PAGE_FOLDER = {"README.md", "naive.py", "examples"}


def files_of_lesson(lesson: Lesson) -> list[str]:
    """The files that every lesson has."""
    return [
        f"lessons/{lesson.folder}/README.md",
        f"lessons/{lesson.folder}/naive.py",
        f"tests/lessons/test_naive_{lesson.slug}.py",
        f"tests/suites/{lesson.slug}/test_{lesson.slug}.py",
        f"notebooks/src/{lesson.folder}.py",
    ]


def folders_of_lesson(lesson: Lesson) -> list[str]:
    """The folders that every lesson has, with anything in them."""
    return [
        f"starter/{lesson.folder}",
        f"solutions/{lesson.folder}",
        f"tests/wrong/{lesson.slug}",
    ]


def course_findings(course: Course, root: Path) -> Iterator[Finding]:
    """The order of the lessons, and what lies about that belongs to none of them."""
    slugs = [lesson.slug for lesson in course.lessons]
    for number, lesson in enumerate(course.lessons, 1):
        where = f"course.toml, {lesson.slug}"
        if lesson.folder != f"{number:02}_{lesson.slug}":
            yield Finding(
                where, f"Its folder is {lesson.folder}.", f"Call it {number:02}_{lesson.slug}."
            )
        for need in lesson.needs:
            if slugs.index(need) >= number - 1:
                yield Finding(where, f"It needs {need}, which comes later.", "Change the order.")
    folders = {lesson.folder for lesson in course.lessons}
    for parent in ("lessons", "starter", "solutions"):
        yield from _strays(root, parent, folders)
    for parent in ("tests/suites", "tests/wrong", "tests/right"):
        yield from _strays(root, parent, set(slugs))
    yield from _strays(root, "notebooks/src", {f"{folder}.py" for folder in folders})
    for path in sorted(root.glob("tests/lessons/test_naive_*.py")):
        if path.stem.removeprefix("test_naive_") not in slugs:
            yield _stray(f"tests/lessons/{path.name}")


def _strays(root: Path, parent: str, expected: set[str]) -> Iterator[Finding]:
    folder = root / parent
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        left = path.name in LEFTOVERS or (path.is_dir() and not has_files(path))
        if path.name not in expected and not left:
            yield _stray(f"{parent}/{path.name}")


def _stray(where: str) -> Finding:
    return Finding(
        where, "It belongs to no lesson of course.toml.", "Remove it, or add the lesson."
    )


def lesson_findings(lesson: Lesson, workspace: Workspace) -> Iterator[Finding]:
    """A lesson's files and folders, its hints, and the marks of its suite."""
    root = workspace.content
    for name in files_of_lesson(lesson):
        if not (root / name).is_file():
            yield Finding(name, f"The lesson {lesson.slug} lacks this file.", "Write it.")
    for name in folders_of_lesson(lesson):
        if not has_files(root / name):
            yield Finding(name, f"The lesson {lesson.slug} lacks this folder.", "Make it.")
    yield from _strays(root, f"lessons/{lesson.folder}", PAGE_FOLDER)
    suite = workspace.suite(lesson)
    for path in sorted(suite.parent.glob("test_*.py")):
        if path != suite:
            yield Finding(
                path.relative_to(root).as_posix(),
                "Nobody runs this file.",
                f"The suite of a lesson is one file, {suite.name}.",
            )
    for exercise in lesson.exercises:
        if len(exercise.hints) < LEAST_HINTS:
            yield Finding(
                f"course.toml, {lesson.slug}.{exercise.slug}",
                f"It has {len(exercise.hints)} hints.",
                f"Write at least {LEAST_HINTS}, from a question to nearly the answer.",
            )
    if suite.is_file():
        yield from _marks(lesson, suite, root)
    count = len(right_app_paths(root / "tests/right" / lesson.slug))
    if count < LEAST_RIGHT_APPS:
        yield Finding(
            f"tests/right/{lesson.slug}",
            f"The number of right apps is {count}.",
            f"Write at least {LEAST_RIGHT_APPS}, each in a style of its own.",
        )


def has_files(folder: Path) -> bool:
    return next(walk(folder), None) is not None


def right_app_paths(folder: Path) -> list[Path]:
    """The right apps in a folder, each a folder of its own."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and has_files(path)]


def _marks(lesson: Lesson, suite: Path, root: Path) -> Iterator[Finding]:
    where = suite.relative_to(root).as_posix()
    slugs = [exercise.slug for exercise in lesson.exercises]
    tests = read_suite(suite)
    for test in tests:
        if not (test.exercise and test.look and test.idea):
            yield Finding(
                f"{where}:{test.line}",
                f"{test.name} does not plainly say its exercise, where to look and the idea.",
                'Mark it with pytest.mark.exercise("slug", look="...", idea="...").',
            )
        elif test.exercise not in slugs:
            yield Finding(
                f"{where}:{test.line}",
                f"{test.name} belongs to {test.exercise}, which is no exercise of this lesson.",
                f"The exercises are {', '.join(slugs)}.",
            )
    names = [test.name for test in tests]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding(
            where, f"There are two tests called {name}; only the last runs.", "Rename one."
        )
    for slug in slugs:
        if slug not in {test.exercise for test in tests}:
            yield Finding(where, f"No test grades the exercise {slug}.", "Write one.")


def coverage(
    lesson: Lesson, tests: Sequence[SuiteTest], wrong_apps: Sequence[WrongApp]
) -> Iterator[Finding]:
    """Every test catches a wrong app; every exercise has three, and one all of its own.

    An app is an exercise's own although a test that rests on the exercise catches it, too.
    """
    suite = f"tests/suites/{lesson.slug}/test_{lesson.slug}.py"
    folder = f"tests/wrong/{lesson.slug}"
    exercise_of = {test.name: test.exercise for test in tests}
    rests_on = {test.name: test.rests_on for test in tests}
    caught = {app.name: {function_of(test) for test in app.caught_by} for app in wrong_apps}
    for test in tests:
        if not any(test.name in names for names in caught.values()):
            yield Finding(
                f"{suite}:{test.line}",
                f"{test.name} catches no wrong app.",
                "Write a wrong app that it must catch, or remove the test.",
            )
    for exercise in lesson.exercises:
        if exercise.slug not in exercise_of.values():
            continue
        touched = [{exercise_of[name] for name in names} for names in caught.values()]
        count = sum(exercise.slug in slugs for slugs in touched)
        if count < LEAST_WRONG_APPS:
            yield Finding(
                folder,
                f"The tests of {exercise.slug} catch {count} wrong apps.",
                f"Write at least {LEAST_WRONG_APPS}.",
            )
        own = [
            {exercise_of[name] for name in names if rests_on[name] != exercise.slug}
            for names in caught.values()
        ]
        if {exercise.slug} not in own:
            yield Finding(
                folder,
                f"No wrong app is caught by the tests of {exercise.slug} alone.",
                "Write one that does everything else right.",
            )
