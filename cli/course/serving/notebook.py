"""`course notebook`: a copy of a lesson's walkthrough, opened in Jupyter."""

import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from course.catalog import Lesson
from course.serving import Refused
from course.workspace import Workspace, WorkspaceError

FOLDER = "notebooks"


def open_notebook(slug: str | None) -> int:
    """Copy the walkthrough of a lesson and open it; 1 when there is no Jupyter to open it with."""
    workspace = Workspace.here()
    course = workspace.course()
    lesson = course.lesson(slug) if slug else workspace.current_lesson(course)
    existed = notebook_of(workspace, lesson).exists()
    copy = copy_notebook(workspace, lesson)
    print(
        f"{copy} is there already and stays as it is." if existed else f"Your copy: {copy}",
        flush=True,
    )
    if find_spec("jupyterlab") is None:
        print(how_to_open(workspace))
        return 1
    return run_jupyter(copy)


def notebook_of(workspace: Workspace, lesson: Lesson) -> Path:
    """Where the learner's copy is."""
    return workspace.work / FOLDER / f"{lesson.folder}.ipynb"


def copy_notebook(workspace: Workspace, lesson: Lesson) -> Path:
    """Copy the course's notebook, all at once or not at all; an older copy stays as it is."""
    source = workspace.content / FOLDER / f"{lesson.folder}.ipynb"
    target = notebook_of(workspace, lesson)
    if target.exists():
        return target
    if not source.is_file():
        raise Refused(
            f"lesson {lesson.slug} has no notebook; its page is {workspace.page(lesson)}."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as passing:
            copy = Path(passing) / target.name
            shutil.copyfile(source, copy)
            copy.rename(target)
    except OSError as problem:
        raise WorkspaceError(f"{target} cannot be written: {problem.strerror}.") from None
    return target


def how_to_open(workspace: Workspace) -> str:
    launcher = (workspace.content / "pyproject.toml").is_file()
    install = "./course --ensure notebook" if launcher else 'pip install "llm-api-course[notebook]"'
    return (
        f"Jupyter is not installed yet: `{install}` installs it; or open the file in VS Code "
        f"and choose the Python of {sys.prefix} as its kernel."
    )


def run_jupyter(notebook: Path) -> int:
    """JupyterLab in the notebook's folder until it ends; it asks back at Ctrl-C."""
    command = [sys.executable, "-m", "jupyterlab", notebook.name]
    jupyter = subprocess.Popen(command, cwd=notebook.parent)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return 0 if jupyter.wait() == 0 else 1
    finally:
        signal.signal(signal.SIGINT, before)
