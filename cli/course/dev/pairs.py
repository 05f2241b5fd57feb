"""Starter and solution: equal but for the definitions that carry a TODO, and of a readable size."""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from course.catalog import Lesson
from course.dev.findings import Finding
from course.dev.source import definitions, python_files, syntax_error

TODO = re.compile(r"TODO\(([^)]*)\)")
MOST_LINES = 130  # of a file of a solution; about 120 is the aim
MOST_LINES_OF_A_FUNCTION = 30  # 25 is the aim


def compare(
    lesson: Lesson, starter: Mapping[str, bytes], solution: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Where starter and solution differ though they should not."""
    here, there = f"starter/{lesson.folder}", f"solutions/{lesson.folder}"
    for name in sorted(starter.keys() | solution.keys()):
        if name not in solution:
            yield Finding(
                f"{here}/{name}", "The solution has no such file.", f"Add {there}/{name}."
            )
        elif name not in starter:
            yield Finding(f"{there}/{name}", "The starter has no such file.", f"Add {here}/{name}.")
        elif name.endswith(".py"):
            sources = starter[name].decode(), solution[name].decode()
            unreadable = [
                Finding(
                    place, f"Line {problem.lineno} is not Python: {problem.msg}.", "Correct it."
                )
                for place, source in zip(
                    (f"{here}/{name}", f"{there}/{name}"), sources, strict=True
                )
                if (problem := syntax_error(source))
            ]
            yield from unreadable or compare_sources(f"{here}/{name}", *sources)
        elif starter[name] != solution[name] and b"TODO(" not in starter[name]:
            yield Finding(
                f"{here}/{name}",
                "It differs from the solution's and carries no TODO.",
                "Make the two files equal.",
            )


def compare_sources(where: str, starter: str, solution: str) -> Iterator[Finding]:
    """The same for one Python file: definitions first, then everything between them."""
    ours = {each.name: each for each in definitions(starter)}
    theirs = {each.name: each for each in definitions(solution)}
    open_names = {name for name, each in ours.items() if "TODO(" in each.text}
    alike = True
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        if name not in theirs:
            what = f"The solution has no {name}."
        elif name not in ours:
            what = f"The solution has {name}, the starter has not."
        elif name not in open_names and ours[name].text != theirs[name].text:
            what = f"{name} is another one than in the solution, and carries no TODO."
        else:
            continue
        alike = False
        yield Finding(where, what, "Outside the definitions with a TODO the two files are equal.")
    if not alike:
        return
    frames = (_frame(starter, open_names), _frame(solution, open_names))
    for (number, line), (_, other) in zip_longest(*frames, fillvalue=(0, None)):
        if line != other:
            yield Finding(
                f"{where}:{number}" if number else where,
                f"The solution says {_shown(other)} where the starter says {_shown(line)}.",
                "Outside the definitions with a TODO the two files are equal.",
            )
            return


def _frame(source: str, open_names: set[str]) -> list[tuple[int, str | None]]:
    """The lines of a file with their numbers; of an open definition only its name is left."""
    lines: list[tuple[int, str | None]] = list(enumerate(source.splitlines(), 1))
    for each in reversed(definitions(source)):
        if each.name in open_names:
            lines[each.start : each.end] = [(each.start + 1, f"<{each.name}>")]
    return lines


def _shown(line: str | None) -> str:
    return (
        "nothing" if line is None else "an empty line" if not line.strip() else repr(line.strip())
    )


def open_tasks(lesson: Lesson, starter: Mapping[str, bytes]) -> Iterator[Finding]:
    """TODOs name exercises of the lesson, each has one, and in Python they stand in definitions."""
    slugs = [exercise.slug for exercise in lesson.exercises]
    seen = set()
    for name, content in starter.items():
        where = f"starter/{lesson.folder}/{name}"
        text = content.decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            for slug in TODO.findall(line):
                seen.add(slug)
                if slug not in slugs:
                    yield Finding(
                        f"{where}:{number}",
                        f"TODO({slug}) names no exercise of this lesson.",
                        f"The exercises are {', '.join(slugs)}.",
                    )
        if name.endswith(".py") and not syntax_error(text):
            yield from _homeless(where, text)
    for slug in slugs:
        if slug not in seen:
            yield Finding(
                f"starter/{lesson.folder}",
                f"No TODO({slug}) says where the exercise {slug} is to be done.",
                "Write one into the definition that the learner has to change.",
            )


def _homeless(where: str, source: str) -> Iterator[Finding]:
    places = definitions(source)
    for number, line in enumerate(source.splitlines()):
        if TODO.search(line) and not any(each.start <= number < each.end for each in places):
            yield Finding(
                f"{where}:{number + 1}",
                "This TODO belongs to no definition.",
                "Write it into a definition, or as a comment right on top of one.",
            )


def sizes(lesson: Lesson, solution: Mapping[str, bytes]) -> Iterator[Finding]:
    """Files and functions of a solution that do not fit a screen."""
    for name, source in python_files(solution).items():
        where = f"solutions/{lesson.folder}/{name}"
        count = len(source.splitlines())
        if count > MOST_LINES:
            yield Finding(where, f"It has {count} lines.", "Aim at 120, at most 130.")
        for node in ast.walk(ast.parse("" if syntax_error(source) else source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_LINES_OF_A_FUNCTION:
                    yield Finding(
                        f"{where}:{node.lineno}",
                        f"{node.name} has {length} lines.",
                        "Aim at 25, at most 30.",
                    )
