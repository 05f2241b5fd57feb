"""What the manifest says of serving a lesson, and the completion of slugs from it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from course.catalog import DEFAULT_QUERY, CatalogError, Lesson, load
from course.main import app, slugs
from course.workspace import Workspace

LESSON = 'slug = "hello"\nfolder = "01_hello"\ntitle = "Hello"\nneeds = []\nexercises = []\n'


def lesson_with(tmp_path: Path, more: str) -> Lesson:
    manifest = tmp_path / "course.toml"
    manifest.write_text(f"format_version = 1\n[[lessons]]\n{LESSON}{more}")
    return load(manifest).lesson("hello")


def test_a_lesson_needs_no_settings(tmp_path: Path) -> None:
    lesson = lesson_with(tmp_path, "")
    assert (dict(lesson.serve_environment), lesson.query) == ({}, DEFAULT_QUERY)
    assert hash(lesson)


def test_a_lesson_may_have_settings_and_a_query(tmp_path: Path) -> None:
    lesson = lesson_with(
        tmp_path, "[lessons.serve]\nquery = 'course query hi'\nenv = { API_KEYS = '{}' }\n"
    )
    assert (dict(lesson.serve_environment), lesson.query) == ({"API_KEYS": "{}"}, "course query hi")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("serve = 1", "lessons.hello.serve must be a table"),
        ("[lessons.serve]\nport = 1", "lessons.hello.serve.port is unknown"),
        ("[lessons.serve]\nenv = 'A=1'", "lessons.hello.serve.env must be a dict"),
        ("[lessons.serve]\nenv = { A = 1 }", "lessons.hello.serve.env.A must be a str"),
        ("[lessons.serve]\nquery = ''", "lessons.hello.serve.query must be a str"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, more: str, key: str) -> None:
    with pytest.raises(CatalogError, match=key):
        lesson_with(tmp_path, more)


@pytest.mark.parametrize("lesson", Workspace.here().course().lessons, ids=lambda one: one.slug)
def test_the_query_of_a_lesson_is_one_that_the_command_takes(lesson: Lesson) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(lesson.query.rpartition("| ")[2])
    assert words[:2] == ["course", "query"]
    with command.commands["query"].make_context("query", [*words[2:], "--url", "http://x.test"]):
        pass


def test_a_slug_is_completed_from_the_manifest() -> None:
    assert slugs("stre") == ["streaming"]
    assert slugs("") == [lesson.slug for lesson in Workspace.here().course().lessons]


def test_a_manifest_that_cannot_be_read_completes_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "here", lambda: Workspace(tmp_path, tmp_path))
    assert slugs("") == []


@pytest.mark.parametrize("command", ["serve", "check", "start", "notebook", "reset"])
def test_a_shell_gets_the_slugs(command: str) -> None:
    asked = {"_COURSE_COMPLETE": "complete_bash", "COMP_WORDS": f"course {command} bas"}
    ended = subprocess.run(
        [sys.executable, "-m", "course"],
        env={**os.environ, **asked, "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
    )
    assert (ended.stdout.split(), ended.stderr) == (["basic"], "")
