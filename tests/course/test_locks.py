"""The lock files: in line with pyproject.toml, whole, and free of any address."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course.dev.locks import LOCKS, Lock, LockingFailed, write_locks

ROOT = Path(__file__).parents[2]

PYPROJECT = """
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["soup>=1", "salt<2"]

[project.optional-dependencies]
test = ["spoon", "salt"]
notebook = ["spoon"]
services = ["spoon"]
testing = ["spoon"]
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of empty wheels that stands for the package index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    publish(folder, "soup", "1.0", "water", "win-bowl; sys_platform == 'win32'")
    publish(folder, "water", "1.0")
    publish(folder, "win-bowl", "1.0")
    publish(folder, "salt", "1.5")
    publish(folder, "salt", "2.0")
    publish(folder, "spoon", "1.0", "water", "win-bowl", "steel")
    publish(folder, "steel", "1.0")
    return folder


def publish(folder: Path, name: str, version: str, *needs: str) -> None:
    name = name.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "\n".join([*metadata, ""]))
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def project(tmp_path: Path, index: Path) -> Path:
    """A project with its lock files just written."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    write_locks(root)
    return root


def pins(root: Path, file: str) -> list[str]:
    return re.findall(r"^[a-z].*==[^\\]*[^\\ ]", (root / file).read_text(), re.MULTILINE)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_lock_files_of_this_project_are_in_line_with_its_pyproject() -> None:
    assert write_locks(ROOT, check=True) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.file)
def test_a_lock_file_is_pins_with_hashes_and_names_no_address(lock: Lock) -> None:
    header, *lines = (ROOT / lock.file).read_text().splitlines()
    assert header.startswith("# Written by `course dev sync`")
    for line in lines:
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?|\S+==\S+( ; .+)? \\", line)


def test_the_first_lock_holds_the_dependencies_and_what_they_need(project: Path) -> None:
    assert pins(project, "requirements.lock") == [
        "salt==1.5",
        "soup==1.0",
        "water==1.0",
        "win-bowl==1.0 ; sys_platform == 'win32'",
    ]


def test_another_lock_lists_only_what_it_adds_for_any_platform(project: Path) -> None:
    added = ["spoon==1.0", "steel==1.0", "win-bowl==1.0"]
    assert pins(project, "requirements-test.lock") == added
    assert pins(project, "requirements-notebook.lock") == added
    assert pins(project, "requirements-services.lock") == added
    assert pins(project, "requirements-testing.lock") == added


def test_locks_just_written_are_in_line(project: Path) -> None:
    assert write_locks(project, check=True) == []


def test_locks_in_line_are_left_alone_without_asking_the_index(
    project: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(index / "gone"))
    before = (project / "requirements.lock").read_bytes()
    assert write_locks(project) == []
    assert (project / "requirements.lock").read_bytes() == before


def test_a_new_release_is_taken_only_when_asked_for(project: Path, index: Path) -> None:
    publish(index, "soup", "1.1")
    (project / "requirements-test.lock").unlink()
    write_locks(project)
    assert "soup==1.0" in pins(project, "requirements.lock")
    write_locks(project, upgrade=True)
    assert "soup==1.1" in pins(project, "requirements.lock")


def test_a_range_that_the_lock_does_not_meet_is_named(project: Path) -> None:
    edit(project / "pyproject.toml", "soup>=1", "soup>=3")
    assert write_locks(project, check=True) == [
        "pyproject.toml asks for soup>=3, requirements.lock has 1.0",
        "requirements-test.lock was written for another pyproject.toml",
        "requirements-notebook.lock was written for another pyproject.toml",
        "requirements-services.lock was written for another pyproject.toml",
        "requirements-testing.lock was written for another pyproject.toml",
    ]


def test_a_dependency_that_no_lock_has_is_named(project: Path) -> None:
    edit(project / "pyproject.toml", 'notebook = ["spoon"]', 'notebook = ["spoon", "fork"]')
    assert write_locks(project, check=True) == [
        "pyproject.toml asks for fork, requirements-notebook.lock has none",
        "requirements-services.lock was written for another pyproject.toml",
        "requirements-testing.lock was written for another pyproject.toml",
    ]


def test_a_changed_range_that_the_lock_still_meets_is_noticed(project: Path) -> None:
    edit(project / "pyproject.toml", '"salt"]', '"salt>=1"]')
    assert write_locks(project, check=True) == [
        "requirements-test.lock was written for another pyproject.toml",
        "requirements-notebook.lock was written for another pyproject.toml",
        "requirements-services.lock was written for another pyproject.toml",
        "requirements-testing.lock was written for another pyproject.toml",
    ]


def test_a_missing_lock_is_named_and_written(project: Path) -> None:
    (project / "requirements-test.lock").unlink()
    assert write_locks(project) == ["requirements-test.lock is missing"]
    assert write_locks(project, check=True) == []


def test_locks_that_disagree_about_a_version_are_named(project: Path) -> None:
    edit(project / "requirements-notebook.lock", "steel==1.0", "steel==0.9")
    assert write_locks(project, check=True) == [
        "requirements-notebook.lock has steel 0.9, requirements-test.lock has 1.0",
    ]


def test_a_failed_run_says_why_and_leaves_the_locks_as_they_were(project: Path) -> None:
    before = (project / "requirements.lock").read_bytes()
    edit(project / "pyproject.toml", 'notebook = ["spoon"]', 'notebook = ["spoon", "fork"]')
    with pytest.raises(LockingFailed, match=r"(?s)notebook\.lock .* fork was not found"):
        write_locks(project)
    assert (project / "requirements.lock").read_bytes() == before


def test_pip_installs_a_lock_with_its_hashes_and_nothing_else(
    project: Path, index: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--require-hashes", "--find-links", str(index), "--target", str(tmp_path / "site")]
    command += ["--requirement", "requirements.lock", "--requirement", "requirements-test.lock"]
    subprocess.run(command, cwd=project, check=True)
    installed = {path.name.split("-")[0] for path in (tmp_path / "site").glob("*.dist-info")}
    assert installed == {"salt", "soup", "spoon", "steel", "water", "win_bowl"}
