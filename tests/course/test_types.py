"""The tool and the solutions pass mypy's strict checks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted(path for path in (ROOT / "solutions").iterdir() if path.is_dir())


def complaints(folder: Path) -> str:
    """What mypy says of a folder, nothing if it is content; its cache is shared by all of them."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout


def test_the_tool_is_strictly_typed() -> None:
    assert complaints(ROOT / "cli" / "course") == ""


# One run each, because each has a module `app` of its own.
@pytest.mark.parametrize("folder", SOLUTIONS, ids=lambda folder: folder.name)
def test_a_solution_is_strictly_typed(folder: Path) -> None:
    assert complaints(folder) == ""


def test_a_function_without_types_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def query(text):\n    return text\n")
    assert "[no-untyped-def]" in complaints(tmp_path)
