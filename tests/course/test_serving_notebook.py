"""`course notebook`: a copy of one's own, opened in Jupyter where there is one."""

from pathlib import Path

import pytest

from course.catalog import Lesson
from course.serving import Refused, notebook
from course.serving.notebook import copy_notebook, open_notebook
from course.workspace import Workspace, WorkspaceError

LESSON = Lesson("hello", "01_hello", "Hello", ())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_hello.ipynb").write_text("the course's")
    return Workspace(tmp_path, tmp_path / "work")


def test_the_copy_is_the_learners_and_the_course_keeps_its_own(workspace: Workspace) -> None:
    copy = copy_notebook(workspace, LESSON)
    assert copy == workspace.work / "notebooks" / "01_hello.ipynb"
    assert [path.name for path in copy.parent.iterdir()] == ["01_hello.ipynb"]
    copy.write_text("the learner's")
    assert (workspace.content / "notebooks" / "01_hello.ipynb").read_text() == "the course's"


def test_a_copy_that_is_there_stays_as_it_is(workspace: Workspace) -> None:
    copy_notebook(workspace, LESSON).write_text("the learner's")
    assert copy_notebook(workspace, LESSON).read_text() == "the learner's"


def test_a_lesson_without_a_notebook_is_refused(workspace: Workspace) -> None:
    lesson = Lesson("other", "02_other", "Other", ())
    with pytest.raises(Refused, match="lesson other has no notebook"):
        copy_notebook(workspace, lesson)
    assert not workspace.work.exists()


def test_a_work_folder_that_cannot_be_written_is_said_in_a_sentence(workspace: Workspace) -> None:
    workspace.work.write_text("a file")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        copy_notebook(workspace, LESSON)


@pytest.fixture
def here(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    manifest = (
        'format_version = 1\n[[lessons]]\nslug = "hello"\nfolder = "01_hello"\n'
        'title = "Hello"\nneeds = []\nexercises = []\n'
    )
    (workspace.content / "course.toml").write_text(manifest)
    monkeypatch.setattr(Workspace, "here", lambda: workspace)
    return workspace


def test_without_jupyter_it_says_how_to_get_it_and_how_to_do_without(
    here: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook, "find_spec", lambda name: None)
    assert open_notebook("hello") == 1
    assert open_notebook(None) == 1
    first, how, second, _ = capsys.readouterr().out.splitlines()
    assert first == f"Your copy: {here.work / 'notebooks' / '01_hello.ipynb'}"
    assert second.endswith("is there already and stays as it is.")
    assert "llm-api-course[notebook]" in how and "VS Code" in how


def test_with_jupyter_the_copy_is_opened(
    here: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "jupyterlab.py").write_text(
        "import pathlib, sys\npathlib.Path('opened').write_text(' '.join(sys.argv[1:]))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setattr(notebook, "find_spec", lambda name: object())
    assert open_notebook("hello") == 0
    assert (here.work / "notebooks" / "opened").read_text() == "01_hello.ipynb"
