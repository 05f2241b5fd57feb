"""Lock files: every package of an environment, pinned by version and hash, for every platform.

The first lock is for the dependencies. The others are installed on top of it and list only what
they add; where two of them list the same package, they agree on its version.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Lock:
    """A lock file and the extra of pyproject.toml that it is for; None is the dependencies."""

    file: str
    extra: str | None


LOCKS = (
    Lock("requirements.lock", None),
    Lock("requirements-test.lock", "test"),
    Lock("requirements-notebook.lock", "notebook"),
    Lock("requirements-services.lock", "services"),
    Lock("requirements-testing.lock", "testing"),
)


class LockingFailed(Exception):
    """The lock files could not be written; the text says why."""


def write_locks(root: Path, check: bool = False, upgrade: bool = False) -> list[str]:
    """Bring the lock files in line with pyproject.toml; returns what was out of line, in sentences.

    `check` only says so; neither that nor a run that finds all in line uses the network.
    `upgrade` also moves every pin to the newest release within its range.
    """
    problems = _problems(root)
    if check or not (problems or upgrade):
        return problems
    with tempfile.TemporaryDirectory() as folder:
        done: list[Path] = []
        for lock in LOCKS:
            done.append(_compile(root, lock, done, Path(folder), upgrade))
        texts = [path.read_text(encoding="utf-8") for path in done]
    first = _entries(texts[0])
    for lock, text in zip(LOCKS, texts, strict=True):
        entries = [entry for entry in _entries(text) if lock is LOCKS[0] or entry not in first]
        (root / lock.file).write_bytes("\n".join([_header(root, lock), *entries, ""]).encode())
    return problems


def _problems(root: Path) -> list[str]:
    problems: list[str] = []
    pinned: dict[str, tuple[str, set[str]]] = {}  # package -> the first lock that has it, versions
    for lock in LOCKS:
        if not (root / lock.file).exists():
            problems.append(f"{lock.file} is missing")
            continue
        text = (root / lock.file).read_text(encoding="utf-8")
        for name, versions in _pins(text).items():
            file, earlier = pinned.setdefault(name, (lock.file, versions))
            if not versions <= earlier:
                problems.append(
                    f"{lock.file} has {name} {_or(versions)}, {file} has {_or(earlier)}"
                )
        unmet = []
        for wanted in _lists(root, lock)[-1]:
            requirement = Requirement(wanted)
            _, versions = pinned.get(canonicalize_name(requirement.name), ("", set()))
            if not versions or not all(map(requirement.specifier.contains, versions)):
                unmet.append(
                    f"pyproject.toml asks for {wanted}, {lock.file} has {_or(versions) or 'none'}"
                )
        problems += unmet
        if not unmet and not text.startswith(_header(root, lock) + "\n"):
            problems.append(f"{lock.file} was written for another pyproject.toml")
    return problems


def _or(versions: set[str]) -> str:
    return " or ".join(sorted(versions))


def _lists(root: Path, lock: Lock) -> list[list[str]]:
    """What pyproject.toml asks for, for this lock and those before it; its own list is the last."""
    project = _project(root)
    extras = project.get("optional-dependencies", {})
    until = LOCKS[: LOCKS.index(lock) + 1]
    return [project["dependencies"] if one.extra is None else extras[one.extra] for one in until]


def _project(root: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def _header(root: Path, lock: Lock) -> str:
    """The first line of a lock: who writes it, and a hash of what it was written for."""
    asked = json.dumps([_project(root)["requires-python"], _lists(root, lock)])
    digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
    return f"# Written by `course dev sync` from pyproject.toml ({digest})."


def _compile(root: Path, lock: Lock, earlier: list[Path], folder: Path, upgrade: bool) -> Path:
    """The whole closure of one lock, with the pins it had unless they are to be upgraded."""
    output = folder / lock.file
    if not upgrade and (root / lock.file).exists():
        output.write_bytes((root / lock.file).read_bytes())
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"]
    command += ["--universal", "--python-version", _lowest_python(root)]
    command += ["--fork-strategy", "fewest"]  # one version of a package for every Python
    command += ["--only-binary", ":all:", "--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--output-file", str(output)]
    if lock.extra is not None:
        command += ["--extra", lock.extra]
    for path in earlier:
        command += ["--constraints", str(path)]
    ended = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if ended.returncode != 0:
        raise LockingFailed(f"{lock.file} could not be written: {ended.stderr.strip()}")
    return output


def _lowest_python(root: Path) -> str:
    wanted: str = _project(root)["requires-python"]
    return wanted.removeprefix(">=")


def _entries(text: str) -> list[str]:
    """The pins of a lock, each with its marker and its hashes."""
    return re.findall(r"^[a-z0-9].*(?:\n .*)*", text, re.MULTILINE)


def _pins(text: str) -> dict[str, set[str]]:
    """Package -> its versions; more than one where they differ by Python or platform."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][^=\s]*)==([^\s;\\]+)", text, re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins
