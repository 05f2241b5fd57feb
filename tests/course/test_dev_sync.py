"""`course dev sync` and `course dev new`: what is generated, and what is out of date."""

from pathlib import Path

import pytest
from tiny_course import PAGE, write_course

from course.dev import notebooks
from course.dev import sync as sync_module
from course.dev.check import check_course, course_findings
from course.dev.new import new_lesson
from course.dev.pages import ExcerptError
from course.dev.sync import sync, sync_pages
from course.workspace import Workspace, WorkspaceError


@pytest.fixture
def tiny(tmp_path: Path) -> Workspace:
    return write_course(tmp_path)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_table_of_lessons_is_written(tiny: Workspace) -> None:
    assert (tiny.content / "README.md").read_text(encoding="utf-8").count("\n| ") == 2
    row = "| [Hello](lessons/01_hello/README.md) | `hello` | 1 + 1 stretch |  |\n"
    assert row in (tiny.content / "README.md").read_text(encoding="utf-8")


def test_excerpts_and_exercises_are_written(tiny: Workspace) -> None:
    text = (tiny.content / PAGE).read_text(encoding="utf-8")
    assert '-->\n```python\ndef greet() -> str:\n    return "Hello, world!"\n```\n\n## What' in text
    assert "| `farewell` | the caller is seen off by name *(stretch)* |\n" in text


def test_what_is_up_to_date_is_left_alone(tiny: Workspace) -> None:
    before = (tiny.content / PAGE).stat()
    assert sync_pages(tiny, tiny.course()) == []
    assert (tiny.content / PAGE).stat() == before


def test_a_check_says_what_is_out_of_date_and_writes_nothing(tiny: Workspace) -> None:
    change(tiny.content / "course.toml", 'title = "Hello"', 'title = "Hello again"')
    change(tiny.content / "lessons/01_hello/naive.py", "world", "all")
    before = (tiny.content / PAGE).read_text(encoding="utf-8")
    assert sync_pages(tiny, tiny.course(), check=True) == [
        "README.md: the table of lessons is out of date",
        f"{PAGE}: the excerpt of lessons/01_hello/naive.py#greet is out of date",
    ]
    assert (tiny.content / PAGE).read_text(encoding="utf-8") == before


def test_a_changed_definition_is_written_into_the_pages(tiny: Workspace) -> None:
    change(tiny.content / "lessons/01_hello/naive.py", "world", "all")
    assert len(sync_pages(tiny, tiny.course())) == 1
    assert 'return "Hello, all!"' in (tiny.content / PAGE).read_text(encoding="utf-8")


def test_an_excerpt_without_a_source_is_refused(tiny: Workspace) -> None:
    change(tiny.content / PAGE, "naive.py#greet", "naive.py#meet")
    with pytest.raises(ExcerptError, match=r"naive\.py has no top-level meet\."):
        sync_pages(tiny, tiny.course())


def test_locks_and_notebooks_are_part_of_it(
    tiny: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_locks(root: Path, check: bool) -> list[str]:
        return [f"a lock of {root.name}, {check=}"]

    def build(root: Path, check: bool) -> list[str]:
        return [f"a notebook of {root.name}, {check=}"]

    monkeypatch.setattr(sync_module, "write_locks", write_locks)
    monkeypatch.setattr(notebooks, "build", build)
    root = tiny.content.name
    expected = [f"a lock of {root}, check=True", f"a notebook of {root}, check=True"]
    assert sync(tiny, check=True) == expected


def test_a_new_lesson_is_proved_and_only_lacks_its_texts(tiny: Workspace) -> None:
    written = new_lesson(tiny, "second-steps", 'The "second" steps')
    assert tiny.course().lesson("second-steps").folder == "02_second-steps"
    assert tiny.content / "starter/02_second-steps/app.py" in written
    found = [*check_course(tiny, ["second-steps"]).all_findings]
    found += course_findings(tiny, tiny.course())
    assert {finding.to_do for finding in found} == {"Write it."}


@pytest.mark.parametrize(
    ("slug", "complaint"),
    [("Second", "is no slug"), ("hello", "exists already"), ("taken", "exists already")],
)
def test_a_new_lesson_never_overwrites(slug: str, complaint: str, tiny: Workspace) -> None:
    (tiny.content / "starter/02_taken").mkdir()
    (tiny.content / "starter/02_taken/app.py").touch()
    before = (tiny.content / "course.toml").read_text(encoding="utf-8")
    with pytest.raises(WorkspaceError, match=complaint):
        new_lesson(tiny, slug)
    assert (tiny.content / "course.toml").read_text(encoding="utf-8") == before
    assert not (tiny.content / "lessons/02_taken").exists()
