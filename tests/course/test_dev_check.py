"""`course dev check`: what it can find is found, and nothing else."""

from pathlib import Path

import pytest
from course.catalog import UnknownLesson
from course.dev.check import CourseReport, check_course, matrix, progress
from course.workspace import Workspace
from tiny_course import (
    APP,
    FILES,
    GREETED,
    HELLO,
    PAGE,
    SEEN_OFF,
    SOLUTION,
    STARTER,
    WRONG,
    FakeRunner,
    write_course,
    wrong,
)

# What is done to a file: removed, written anew, or one text in it replaced by another.
Edit = str | tuple[str, str] | None
Case = tuple[dict[str, Edit], list[str]]

EQUAL = "Outside the definitions with a TODO the two files are equal."
SHOWS_AN_ANSWER = (
    f"{PAGE}:17: The excerpt of solutions/01_hello/app.py#health shows an answer. "
    "Show the idea on a smaller example in the lesson's examples/."
)
NEW_ROUTE = '\n\n@app.get("/new")\nasync def new() -> None:\n    pass\n'
RIGHT = "tests/right/hello/with_threads/app.py"
PARTLY_RIGHT = "tests/right/hello/without_farewell/app.py"
NOBODY = f"{WRONG}/greets_nobody.py"

MANIFEST_AND_DISK: dict[str, Case] = {
    "a manifest that cannot be read": (
        {"course.toml": ("format_version = 1", "format_version = 2")},
        ["course.toml: format_version is 2, this tool reads 1. Correct the manifest."],
    ),
    "a folder that is not called after its lesson": (
        {"course.toml": ('slug = "hello"', 'slug = "hi"')},
        [],
    ),
    "a file that every lesson has": (
        {"notebooks/src/01_hello.py": None},
        ["notebooks/src/01_hello.py: The lesson hello lacks this file. Write it."],
    ),
    "no starter": (
        {STARTER: None},
        [SHOWS_AN_ANSWER, "starter/01_hello: The lesson hello lacks this folder. Make it."],
    ),
    "no README": ({"README.md": None}, [
        "README.md: The course lacks this file. Write it.",
        f"{PAGE}:21: The link ../../README.md#lessons leads nowhere. Correct it.",
    ]),
    "a folder of no lesson": (
        {"solutions/02_more/app.py": ""},
        ["solutions/02_more: It belongs to no lesson of course.toml. Remove it, or add the lesson."],
    ),
    "a suite of no lesson": (
        {"tests/suites/more/test_more.py": ""},
        ["tests/suites/more: It belongs to no lesson of course.toml. Remove it, or add the lesson."],
    ),
    "a stray file in a lesson": (
        {"lessons/01_hello/notes.txt": ""},
        [
            "lessons/01_hello/notes.txt: It belongs to no lesson of course.toml. "
            "Remove it, or add the lesson."
        ],
    ),
    "a test of a naive version that is gone": (
        {"tests/lessons/test_naive_more.py": ""},
        [
            "tests/lessons/test_naive_more.py: It belongs to no lesson of course.toml. "
            "Remove it, or add the lesson."
        ],
    ),
    "a second suite": (
        {"tests/suites/hello/test_more.py": ""},
        [
            "tests/suites/hello/test_more.py: Nobody runs this file. "
            "The suite of a lesson is one file, test_hello.py."
        ],
    ),
    "too few hints": (
        {"course.toml": ('"Who is leaving?", ', "")},
        [
            "course.toml, hello.farewell: It has 2 hints. "
            "Write at least 3, from a question to nearly the answer."
        ],
    ),
    "one right app": (
        {RIGHT: None},
        ["tests/right/hello: There are 1 right apps. Write at least 2, each in a style of its own."],
    ),
    "a test without a mark": (
        {HELLO: ("@greeting\n", ""), **dict.fromkeys([], None)},
        [],
    ),
    "a test of an exercise that is not there": ({HELLO: ('exercise("farewell"', 'exercise("bye"')}, []),
}
