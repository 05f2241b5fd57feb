"""Notebooks, written from percent scripts in `notebooks/src`: stable ids, no outputs.

A cell begins with `# %% id=naive`, or `# %% [markdown] id=intro` and then every line is a comment.
"""

import re
from pathlib import Path
from typing import Any

import nbformat

from course.workspace import write_atomically

untyped: Any = nbformat  # most of its functions have no types
MARKER = "# %%"
CELL = re.compile(r"# %%( \[markdown\])? id=([A-Za-z0-9_-]{1,64})")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookError(Exception):
    """A source is no notebook; the message names the file and the line."""


def build(root: Path, check: bool = False) -> list[str]:
    """Write each notebook that differs from its source; returns what was out of date.

    `check` writes nothing.
    """
    folder = root / "notebooks"
    stale = []
    sources = sorted(folder.glob("src/*.py"))
    for source in sources:
        target = folder / f"{source.stem}.ipynb"
        wanted = written(source)
        if not target.is_file() or target.read_text(encoding="utf-8") != wanted:
            stale.append(f"notebooks/{target.name} is out of date")
            if not check:
                write_atomically(target, wanted)
    known = {source.stem for source in sources}
    return stale + [
        f"notebooks/{path.name} has no source, remove it"
        for path in sorted(folder.glob("*.ipynb"))
        if path.stem not in known
    ]


def written(source: Path) -> str:
    """The text of the notebook that a source stands for; raises `NotebookError`."""
    notebook = untyped.v4.new_notebook(cells=cells_of(source), metadata=METADATA)
    untyped.validate(notebook)
    text: str = untyped.writes(notebook)
    return f"{text}\n"


def cells_of(source: Path) -> list[Any]:
    """The cells of a percent script, in order."""
    cells: list[tuple[str, bool, list[str]]] = []  # id, whether it is text, lines
    for number, line in enumerate(source.read_text(encoding="utf-8").split("\n"), 1):
        where = f"notebooks/src/{source.name}, line {number}"
        if line.startswith(MARKER):
            found = CELL.fullmatch(line)
            if not found:
                raise NotebookError(f"{where}: a cell begins with `# %% [markdown] id=NAME`")
            if found[2] in {name for name, _, _ in cells}:
                raise NotebookError(f"{where}: there is a cell {found[2]} already")
            cells.append((found[2], bool(found[1]), []))
        elif cells:
            _, is_text, lines = cells[-1]
            if is_text and line not in ("", "#") and not line.startswith("# "):
                raise NotebookError(f"{where}: text is written as a comment")
            lines.append(line[2:] if is_text else line)
        elif line:
            raise NotebookError(f"{where}: this is in no cell")
    v4 = untyped.v4
    return [
        (v4.new_markdown_cell if is_text else v4.new_code_cell)("\n".join(lines).strip(), id=name)
        for name, is_text, lines in cells
    ]
