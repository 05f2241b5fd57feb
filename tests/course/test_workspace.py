"""The learner's work: copied once, never overwritten, put away by reset, remembered atomically."""

import json
import threading
from pathlib import Path

import pytest

from course.catalog import Course, Lesson
from course.workspace import Workspace, WorkspaceError, content_root, write_atomically


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    starter = tmp_path / "course" / "starter" / "01_basic"
    (starter / "__pycache__").mkdir(parents=True)
    (starter / "__pycache__" / "app.pyc").write_bytes(b"")
    (starter / "app.py").write_text("first = 1\n")
    return Workspace(tmp_path / "course", tmp_path / "work")


LESSON = Lesson("basic", "01_basic", "Basic", ())


def test_start_copies_the_starter_without_caches(workspace: Workspace) -> None:
    folder = workspace.start(LESSON)
    assert [path.name for path in folder.iterdir()] == ["app.py"]
    assert sorted(path.name for path in workspace.work.iterdir()) == ["01_basic", "progress.json"]


def test_the_copy_of_a_read_only_starter_can_be_written(workspace: Workspace) -> None:
    source = workspace.folder(LESSON, "starter") / "app.py"
    source.chmod(0o444)
    copy = workspace.start(LESSON) / "app.py"
    assert copy.stat().st_mode & 0o200


def test_start_leaves_existing_work_as_it_is(workspace: Workspace) -> None:
    mine = workspace.start(LESSON) / "app.py"
    mine.write_text("mine = 1\n")
    workspace.start(LESSON)
    assert mine.read_text() == "mine = 1\n"


def test_reset_keeps_what_was_there(workspace: Workspace) -> None:
    (workspace.start(LESSON) / "app.py").write_text("mine = 1\n")
    backup = workspace.reset(LESSON)
    assert (backup / "app.py").read_text() == "mine = 1\n"
    assert (workspace.folder(LESSON, "work") / "app.py").read_text() == "first = 1\n"


def test_two_resets_in_one_second_keep_two_backups(workspace: Workspace) -> None:
    workspace.start(LESSON)
    backups = {workspace.reset(LESSON) for _ in range(3)}
    assert len(backups) == 3
    assert all(backup.is_dir() for backup in backups)


def test_there_must_be_something_to_reset(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="nothing to reset"):
        workspace.reset(LESSON)


def test_an_update_of_the_course_is_noticed_and_touches_nothing(workspace: Workspace) -> None:
    mine = workspace.start(LESSON) / "app.py"
    assert not workspace.changed_since_start(LESSON)
    (workspace.folder(LESSON, "starter") / "app.py").write_text("newer = 1\n")
    assert workspace.changed_since_start(LESSON)
    assert mine.read_text() == "first = 1\n"


def test_a_work_folder_that_cannot_be_made_is_one_sentence(workspace: Workspace) -> None:
    workspace.work.write_text("a file, where the folder should be")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        workspace.start(LESSON)


def test_facts_of_a_lesson_are_added_to_what_is_known(workspace: Workspace) -> None:
    workspace.remember(LESSON, points=1)
    workspace.remember(LESSON, passed=True)
    assert workspace.progress() == {"basic": {"points": 1, "passed": True}}


def test_one_is_on_the_lesson_worked_on_last_until_it_is_passed(workspace: Workspace) -> None:
    lessons = [Lesson(slug, f"0_{slug}", slug, ()) for slug in ("one", "two", "three", "four")]
    course = Course(tuple(lessons))

    def current() -> str:
        return workspace.current_lesson(course).slug

    assert current() == "one"
    workspace.remember(lessons[2], points=0)
    assert current() == "three"
    workspace.remember(lessons[0], points=1)
    assert current() == "one"
    workspace.remember(lessons[2], passed=True)
    assert current() == "four"
    workspace.remember(lessons[3], passed=True)
    assert current() == "one"
    for lesson in lessons:
        workspace.remember(lesson, passed=True)
    assert current() == "four"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"lessons": 1}', "\x00"])
def test_a_damaged_progress_file_is_no_reason_to_fail(workspace: Workspace, content: str) -> None:
    workspace.work.mkdir()
    (workspace.work / "progress.json").write_text(content)
    assert workspace.progress() == {}
    workspace.remember(LESSON, points=1)
    assert workspace.progress() == {"basic": {"points": 1}}


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    texts = [json.dumps(["x" * size] * 50) for size in (10, 2000)]
    write_atomically(path, texts[0])
    done = threading.Event()

    def write() -> None:
        for number in range(100):
            write_atomically(path, texts[number % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert path.read_text() in texts
    writer.join()
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_in_the_repository_the_content_is_the_repository() -> None:
    assert (content_root() / "course.toml").is_file()
    assert Workspace.here().work == content_root() / "work"
