"""The manifest: read into frozen values, each complaint naming the file and the key."""

from pathlib import Path

import pytest

from course.catalog import CatalogError, UnknownLesson, load

GOOD = """
format_version = 1

[[lessons]]
slug = "basic"
folder = "01_basic"
title = "Basic"
needs = []

[[lessons.exercises]]
slug = "models"
title = "what is accepted"
stretch = false
hints = ["What is a request?"]

[[lessons.exercises]]
slug = "more"
title = "more of it"
stretch = true
hints = ["And more?"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "course.toml"
    path.write_text(text)
    return path


def test_a_manifest_becomes_lessons_and_exercises(tmp_path: Path) -> None:
    course = load(write(tmp_path, GOOD))
    lesson = course.lesson("basic")
    assert (lesson.folder, lesson.title, lesson.needs) == ("01_basic", "Basic", ())
    assert [exercise.slug for exercise in lesson.exercises] == ["models", "more"]
    assert [exercise.slug for exercise in lesson.core] == ["models"]
    assert lesson.exercise("models").hints == ("What is a request?",)


def test_a_lesson_is_found_by_its_folder_too(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD)).lesson("01_basic").slug == "basic"


def test_an_unknown_lesson_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownLesson, match=r"no lesson called 'basci'. Did you mean basic\?"):
        load(write(tmp_path, GOOD)).lesson("basci")


def test_an_unknown_exercise_is_answered_with_all_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownLesson, match="There are: models, more"):
        load(write(tmp_path, GOOD)).lesson("basic").exercise("x")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("format_version = 1", "format_version = 2", "format_version is 2"),
        ("format_version = 1", "", "format_version is missing"),
        ('slug = "basic"', "", r"lessons\[0\].slug is missing"),
        ('slug = "basic"', 'slug = "Basic!"', "not lower-case-with-dashes"),
        ('title = "Basic"', 'title = ""', "lessons.basic.title must be a str"),
        ("needs = []", 'needs = ["nothing"]', "lessons.basic.needs: no lesson 'nothing'"),
        ("needs = []", "needs = [1]", "lessons.basic.needs must be a list of texts"),
        ('slug = "more"', 'slug = "models"', "'models' stands there twice"),
        ("stretch = false", 'stretch = "no"', "stretch must be a bool"),
        ('hints = ["And more?"]', 'hints = [" "]', "hints must be a list of texts"),
        ("[[lessons]]", "[[lessons", "is not valid TOML"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_key(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(CatalogError, match=complaint) as problem:
        load(path)
    assert str(path) in str(problem.value)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        load(tmp_path / "course.toml")
