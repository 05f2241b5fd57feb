"""The wheel: one top-level name, the lessons inside it, and a tool that needs no repository."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTENT = ("lessons", "notebooks", "solutions", "starter", "tests/suites", "course.toml")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

Run = Callable[..., subprocess.CompletedProcess[str]]


def build(root: Path, target: str, folder: Path) -> Path:
    """The distribution that hatchling makes; it is in the environment, so nothing is fetched."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    subprocess.run([*command, "--directory", str(folder)], cwd=root, check=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment with the wheel and the dependencies, but not this project."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / SCRIPTS / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / SCRIPTS


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Runs one of the environment's scripts in an empty folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON"))}

    def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(installed / script), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=clean, check=False, capture_output=True, text=True
        )

    return run


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def test_the_only_name_it_adds_is_course(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert top == {"course", "llm_api_course-0.1.0.dist-info"}


def test_it_holds_the_lessons_as_they_lie_in_the_repository(wheel: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *CONTENT]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {name for name in listed.split("\0") if (ROOT / name).is_file()}
    expected = {name for name in files if not name.startswith("notebooks/src/")}
    start = "course/_content/"
    held = {name.removeprefix(start) for name in names(wheel) if name.startswith(start)}
    assert held == expected


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    source = build(ROOT, "sdist", tmp_path / "sdist")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / source.name.removesuffix(".tar.gz"), "wheel", tmp_path / "wheel")
    assert names(again) == names(wheel)


def test_the_tool_that_runs_is_the_installed_one(run: Run, installed: Path) -> None:
    where = Path(run("python", "-c", "import course; print(course.__file__)").stdout.strip())
    assert where.is_relative_to(installed.parent)


@pytest.mark.parametrize("command", [("course",), ("python", "-m", "course")], ids=" ".join)
def test_help_names_the_commands(run: Run, command: tuple[str, ...]) -> None:
    ended = run(*command, "--help")
    assert ended.returncode == 0, ended.stderr
    assert "start" in ended.stdout
    assert "check" in ended.stdout


def test_a_lesson_is_started_in_the_folder_one_is_in(run: Run, tmp_path: Path) -> None:
    ended = run("course", "start", "basic")
    assert ended.returncode == 0, ended.stderr
    copy = tmp_path / "work" / "01_basic" / "app.py"
    assert copy.read_bytes() == (ROOT / "starter" / "01_basic" / "app.py").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_a_lesson_just_started_is_graded_as_not_passed(run: Run) -> None:
    run("course", "start", "basic")
    ended = run("course", "check", "basic", "--json", "-")
    assert ended.returncode == 1, ended.stderr
    verdict = json.loads(ended.stdout)
    assert (verdict["lesson"], verdict["outcome"], verdict["points"]) == ("basic", "failed", 0)
    assert {exercise["outcome"] for exercise in verdict["exercises"]} == {"failed"}


def test_the_solution_that_came_with_it_passes(run: Run) -> None:
    ended = run("course", "check", "basic", "--solution", "--json", "-")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["outcome"] == "passed"
