"""The notebooks: written from their sources, run from top to bottom, with pictures to see."""

import base64
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from matplotlib import image
from nbclient import NotebookClient

from course.catalog import load
from course.dev.commands import commands_in, problem_with
from course.dev.notebooks import NotebookError, build
from course.dev.pages import Code
from course.grading.processes import descendants
from course.notebook import AppDidNotStart, plots, serve

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "notebooks/src").glob("*.py"))
NAMES = [source.stem for source in SOURCES]
SECONDS = 20  # on a machine that does nothing else

TINY = """\
# %% [markdown] id=intro
# # Hello
#
# Two paragraphs.

# %% id=sum
1 + 1
"""


def notebook(name: str) -> Any:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


@dataclass(frozen=True)
class Run:
    """A notebook that was executed, and the processes that it had at any time."""

    name: str
    notebook: Any
    seconds: float
    processes: frozenset[int]

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        for cell in self.notebook.cells:
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    yield cell.id, base64.b64decode(output.data["image/png"])


def execute(name: str, folder: Path) -> Run:
    """Let a real kernel run a notebook from top to bottom, in a folder that is not its own."""
    book = notebook(name)
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(book, timeout=60, kernel_name="python3", resources=where)
    seen: set[int] = set()
    begin = time.monotonic()
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(ROOT / "cli")}):
        for number, cell in enumerate(book.cells):
            client.execute_cell(cell, number)
            seen.update(descendants(client.km.provisioner.pid))
        seconds = time.monotonic() - begin
    return Run(name, book, seconds, frozenset(seen))


@pytest.fixture(scope="module", params=NAMES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every test of a notebook looks at the same run of it."""
    return execute(request.param, tmp_path_factory.mktemp("elsewhere"))


def test_the_notebooks_are_what_their_sources_say() -> None:
    assert build(ROOT, check=True) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_valid_and_holds_no_outputs(name: str) -> None:
    book = notebook(name)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("name", NAMES)
def test_the_ids_are_those_of_the_source(name: str) -> None:
    source = (ROOT / "notebooks/src" / f"{name}.py").read_text("utf-8")
    ids = [cell.id for cell in notebook(name).cells]
    assert ids == re.findall(r"^# %%.* id=(\S+)$", source, re.MULTILINE)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_ends_in_the_exercise(name: str) -> None:
    (lesson,) = [one for one in load(ROOT / "course.toml").lessons if one.folder == name]
    last = [cell.source for cell in notebook(name).cells if cell.cell_type == "markdown"][-1]
    commands = [words for _, words in commands_in(Code(1, last, "console"))]
    assert commands == [["start", lesson.slug], ["check", lesson.slug, "--watch"]]
    assert [problem_with(words) for words in commands] == ["", ""]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_no_relative_links_for_it_is_read_in_a_copy_elsewhere(name: str) -> None:
    text = "\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")
    assert re.findall(r"\]\((?!https?://)", text) == []


def test_a_notebook_runs_from_top_to_bottom_in_time(run: Run, tmp_path: Path) -> None:
    """A machine has slow minutes, and whether a notebook is slow shows when it runs once more."""
    if run.seconds >= SECONDS:
        run = execute(run.name, tmp_path)
    assert run.seconds < SECONDS * overload()


def overload() -> float:
    """How many times longer everything takes now, at least once; Windows does not say."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1.0, load / (os.cpu_count() or 1))


def test_a_notebook_leaves_no_process_behind(run: Run) -> None:
    assert run.processes or sys.platform != "linux"
    assert [pid for pid in run.processes if Path(f"/proc/{pid}").exists()] == []


def test_a_notebook_shows_pictures_with_something_in_them(run: Run) -> None:
    pictures = dict(run.pictures())
    assert pictures
    for cell, png in pictures.items():
        pixels = image.imread(io.BytesIO(png), format="png")
        opaque = pixels[..., 3] > 0.9
        assert not opaque[0].any(), f"{cell}: the background is not transparent"
        blue = tuple(int(plots.BLUE[at : at + 2], 16) / 255 for at in (1, 3, 5))
        drawn = opaque & (abs(pixels[..., :3] - blue).max(axis=-1) < 0.02)
        assert drawn.sum() > 1000, f"{cell}: nothing was drawn"


def contrast(one: str, other: str) -> float:
    """Of two colours, by WCAG 2."""
    shades = []
    for color in (one, other):
        parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        shades.append(0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    return max(shades) / min(shades)


@pytest.mark.parametrize("page", ["#ffffff", "#1e1e1e", "#111111"])
@pytest.mark.parametrize("color", ["INK", "BLUE", "RED", "AMBER"])
def test_a_colour_is_seen_on_light_and_on_dark(color: str, page: str) -> None:
    assert contrast(getattr(plots, color), page) > 3.5


def write(root: Path, name: str, text: str) -> None:
    (root / "notebooks/src").mkdir(parents=True, exist_ok=True)
    (root / "notebooks/src" / name).write_text(text, "utf-8")


def test_a_source_is_written_once(tmp_path: Path) -> None:
    write(tmp_path, "01_hello.py", TINY)
    target = tmp_path / "notebooks/01_hello.ipynb"
    assert build(tmp_path, check=True) == ["notebooks/01_hello.ipynb is out of date"]
    assert not target.exists()
    assert build(tmp_path) == ["notebooks/01_hello.ipynb is out of date"]
    assert build(tmp_path) == []
    cells = nbformat.read(target, as_version=4).cells
    assert [(cell.id, cell.cell_type, cell.source) for cell in cells] == [
        ("intro", "markdown", "# Hello\n\nTwo paragraphs."),
        ("sum", "code", "1 + 1"),
    ]
    assert target.read_bytes().endswith(b"}\n")


def test_a_notebook_that_was_run_or_has_no_source_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "01_hello.py", TINY)
    build(tmp_path)
    target = tmp_path / "notebooks/01_hello.ipynb"
    target.write_text(
        target.read_text("utf-8").replace('"execution_count": null', '"execution_count": 1')
    )
    target.with_name("02_gone.ipynb").touch()
    assert build(tmp_path, check=True) == [
        "notebooks/01_hello.ipynb is out of date",
        "notebooks/02_gone.ipynb has no source, remove it",
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import os\n", "line 1: this is in no cell"),
        ("# %%\n1\n", "line 1: a cell begins with"),
        ("# %% id=two words\n1\n", "line 1: a cell begins with"),
        ("# %% id=a\n1\n# %% id=a\n2\n", "line 3: there is a cell a already"),
        ("# %% [markdown] id=a\nprint()\n", "line 2: text is written as a comment"),
    ],
)
def test_a_source_that_is_no_notebook_is_refused(
    tmp_path: Path, source: str, complaint: str
) -> None:
    write(tmp_path, "01_hello.py", source)
    with pytest.raises(NotebookError, match=f"notebooks/src/01_hello.py, {complaint}"):
        build(tmp_path)


def test_an_app_is_served_beside_its_llm_with_its_settings() -> None:
    with serve("solutions/01_basic/app.py", LLM_MODEL="tiny") as app:
        answer = app.client.post("/query", json={"query": "Hello?"})
        assert answer.json()["response"] == app.llm.answer_to("Hello?")
        assert answer.json()["model"] == "tiny"
    with pytest.raises(httpx.ConnectError):
        httpx.get(app.url)
    assert [call.prompt for call in app.llm.calls] == ["Hello?"]


def goes_away(url: str) -> bool:
    """Whether nobody listens there any more within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            return True
        time.sleep(0.05)
    return False


def test_a_name_that_is_used_again_ends_its_app() -> None:
    app = serve("lessons/01_basic/naive.py")
    before = app.url
    app = serve("lessons/01_basic/naive.py")
    with pytest.raises(httpx.ConnectError):
        httpx.get(before)
    app.stop()


def test_ones_own_app_is_found_from_a_folder_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work/00_mine"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("from fastapi import FastAPI\n\napp = FastAPI(title='Mine')\n")
    (tmp_path / "work/notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "work/notebooks")
    with serve("work/00_mine/app.py") as app:
        assert app.client.get("/openapi.json").json()["info"]["title"] == "Mine"


def test_an_app_that_does_not_start_shows_what_it_printed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import an_unknown_package\n")
    with pytest.raises(AppDidNotStart, match="No module named 'an_unknown_package'"):
        serve(str(tmp_path / "app.py"))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no lessons/00_none/naive\.py"):
        serve("lessons/00_none/naive.py")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_an_app_ends_with_its_kernel_even_when_that_is_killed() -> None:
    code = (
        "import signal, sys; from course.notebook import serve\n"
        "app = serve('lessons/03_streaming/naive.py')\n"
        "print(app.url, flush=True); signal.pause()"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "cli")},
    )
    with kernel:
        assert kernel.stdout
        url = kernel.stdout.readline().strip()
        assert httpx.get(f"{url}/health").status_code == 200
        kernel.send_signal(signal.SIGKILL)
    assert goes_away(url)
