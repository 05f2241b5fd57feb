"""Wrong apps: how one is put together from the solution, and what is said when it cannot be."""

from pathlib import Path

import pytest

from course.dev.wrong_apps import WrongAppError, read_wrong_app, wrong_app_paths

SOLUTION = b'''\
"""A right app."""

import os

LIMIT: int = 5


# How to answer.
@decorated
async def answer(question: str) -> str:
    return question


def unrelated() -> None: ...
'''
FILES = {
    "app.py": SOLUTION,
    "Dockerfile": b"FROM python:3.12-slim\nUSER app\n",
    "app/db.py": b"x = 1\n",
}
TESTS = {"test_it_answers"}
CAUGHT_BY = 'CAUGHT_BY = ("test_it_answers",)\n'


def build(tmp_path: Path, text: str, file: str = "app.py") -> str:
    path = tmp_path / "answers_late.py"
    path.write_text(f'"""Answers too late."""\n\n{CAUGHT_BY}\n{text}', encoding="utf-8")
    return read_wrong_app(path, FILES, TESTS).files[file].decode()


def test_a_function_takes_the_place_of_its_namesake(tmp_path: Path) -> None:
    built = build(tmp_path, "def answer(question: str) -> str:\n    return ''\n")
    right = SOLUTION.decode()
    start, end = right.index("# How to"), right.index("\n\n\ndef unrelated")
    assert built == f"{right[:start]}def answer(question: str) -> str:\n    return ''{right[end:]}"


@pytest.mark.parametrize("assignment", ["LIMIT = 6", "LIMIT: float = 6.5"])
def test_an_assignment_takes_the_place_of_its_namesake(assignment: str, tmp_path: Path) -> None:
    assert build(tmp_path, assignment) == SOLUTION.decode().replace("LIMIT: int = 5", assignment)


def test_imports_follow_those_of_the_solution(tmp_path: Path) -> None:
    built = build(tmp_path, "import time\nfrom os import path\n\n\nLIMIT = time.time()\n")
    assert "import os\nimport time\nfrom os import path\n\nLIMIT = time.time()\n" in built


def test_a_helper_goes_in_before_the_definition_that_follows_it(tmp_path: Path) -> None:
    helper = "def late() -> str:\n    return ''\n"
    built = build(tmp_path, f"LIMIT = 6\n\n\n{helper}\n\ndef answer() -> str:\n    return late()\n")
    assert f"LIMIT = 6\n\n\n{helper}\n\ndef answer() -> str:" in built


def test_a_helper_at_the_end_goes_in_after_what_was_replaced(tmp_path: Path) -> None:
    built = build(tmp_path, "def answer() -> str:\n    return late()\n\n\ndef late() -> str: ...\n")
    assert "    return late()\n\n\ndef late() -> str: ...\n" in built


def test_another_file_than_app_py_can_be_named(tmp_path: Path) -> None:
    assert build(tmp_path, 'FILE = "app/db.py"\nx = 2\n', "app/db.py") == "x = 2\n"


def test_what_is_said_of_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "answers_late.py"
    path.write_text(f'"""Answers too late."""\n\n{CAUGHT_BY}\nLIMIT = 6\n', encoding="utf-8")
    wrong = read_wrong_app(path, FILES, TESTS)
    assert (wrong.name, wrong.misconception) == ("answers_late", "Answers too late.")
    assert wrong.caught_by == ("test_it_answers",)
    assert wrong.files["Dockerfile"] == FILES["Dockerfile"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{CAUGHT_BY}LIMIT = 6\n", "There is no docstring."),
        (f'"""Two\nlines."""\n{CAUGHT_BY}LIMIT = 6\n', "one sentence on one line"),
        (f'"""No full stop"""\n{CAUGHT_BY}LIMIT = 6\n', "one sentence on one line"),
        ('"""Late."""\nLIMIT = 6\n', "CAUGHT_BY names no test."),
        ('"""Late."""\nCAUGHT_BY = ("test_it_answers")\nLIMIT = 6\n', "must be a tuple of names"),
        (
            '"""Late."""\nCAUGHT_BY = ("test_none",)\nLIMIT = 6\n',
            "names test_none, and the suite has",
        ),
        ('"""Late."""\nCAUGHT_BY = tuple(TESTS)\nLIMIT = 6\n', "must be written out"),
        (f'"""Late."""\n{CAUGHT_BY}LIMITS = 6\n', "Nothing of the solution is replaced"),
        (
            f'"""Late."""\n{CAUGHT_BY}LIMIT = 6\n\ndef more() -> None: ...\n',
            "more replaces nothing",
        ),
        (f'"""Late."""\n{CAUGHT_BY}LIMIT = 6\nprint(1)\n', "Line 4 defines nothing."),
        (f'"""Late."""\n{CAUGHT_BY}LIMIT =\n', "Line 3 is not Python"),
        (
            f'"""Late."""\n{CAUGHT_BY}FILE = "main.py"\nLIMIT = 6\n',
            "The solution has no file main.py.",
        ),
    ],
)
def test_a_file_that_cannot_be_put_in_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongAppError, match=complaint):
        read_wrong_app(path, FILES, TESTS)


def test_a_route_that_nothing_calls_may_be_added(tmp_path: Path) -> None:
    built = build(tmp_path, "LIMIT = 6\n\n\n@decorated\ndef more() -> None: ...\n")
    assert "@decorated\ndef more() -> None: ..." in built


MANIFEST = 'misconception = "Runs as root."\ncaught_by = ["test_it_answers"]\n'
CHANGE = '[[changes]]\nfile = "Dockerfile"\nold = "USER app"\nnew = "USER root"\n'


def folder(tmp_path: Path, manifest: str, **files: str) -> Path:
    path = tmp_path / "runs_as_root"
    path.mkdir()
    for name, text in {"wrong.toml": manifest, **files}.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_a_folder_changes_removes_and_lays_over(tmp_path: Path) -> None:
    manifest = f'{MANIFEST}removes = ["app/db.py"]\n{CHANGE}'
    wrong = read_wrong_app(folder(tmp_path, manifest, notes="hi"), FILES, TESTS)
    assert (wrong.name, wrong.misconception) == ("runs_as_root", "Runs as root.")
    assert wrong.files == {
        "app.py": SOLUTION,
        "Dockerfile": b"FROM python:3.12-slim\nUSER root\n",
        "notes": b"hi",
    }


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("misconception = ", "not valid TOML"),
        (f"{MANIFEST}caught = 1\n", "keys that nothing reads: caught"),
        (f'{MANIFEST}removes = ["k8s"]\n', "removes k8s, which the solution does not have"),
        (MANIFEST + CHANGE.replace('"USER app"', '"r"'), "must stand once in Dockerfile"),
        (MANIFEST + CHANGE.replace('"USER app"', '"USER me"'), "must stand once in Dockerfile"),
        (MANIFEST, "It changes nothing."),
    ],
)
def test_a_folder_that_cannot_be_put_in_is_refused(
    manifest: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongAppError, match=complaint):
        read_wrong_app(folder(tmp_path, manifest), FILES, TESTS)


def test_a_folder_without_its_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs_as_root").mkdir()
    with pytest.raises(WrongAppError, match=r"There is no wrong\.toml in the folder\."):
        read_wrong_app(tmp_path / "runs_as_root", FILES, TESTS)


def test_files_and_folders_are_wrong_apps(tmp_path: Path) -> None:
    for name in ("b", "__pycache__"):
        (tmp_path / name).mkdir()
    for name in ("a.py", "notes.txt"):
        (tmp_path / name).touch()
    assert wrong_app_paths(tmp_path) == [tmp_path / "a.py", tmp_path / "b"]
