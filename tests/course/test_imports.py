"""Who may import whom: the tool has layers, and an app knows its own folder and nothing of us."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLI = ROOT / "cli"

# What a module behind a command builds on.
SERVED_TO_COMMANDS = (
    "course.catalog",
    "course.grading",
    "course.reporting",
    "course.saves",
    "course.workspace",
)

# Each module or package of the tool, and what of the tool it may import.
MAY_IMPORT = {
    "course": (),
    "course.__main__": ("course.main",),
    "course.catalog": (),
    "course.doctor": (*SERVED_TO_COMMANDS, "course.installing"),
    "course.fake_llm": ("course.fake_llm",),
    "course.grading": ("course.catalog", "course.fake_llm", "course.grading"),
    "course.grading.deploying": ("course.grading.deploying", "course.grading.services"),
    "course.grading.schema_child": (),
    "course.grading.verdict": (),
    "course.saves": (),
    "course.workspace": ("course.catalog",),
    "course.reporting": (
        "course.catalog",
        "course.grading.verdict",
        "course.reporting",
        "course.serving.answers",
    ),
    "course.notebook": (
        "course.fake_llm",
        "course.grading",
        "course.notebook",
        "course.workspace",
    ),
    "course.serving": (
        "course.catalog",
        "course.checking",
        "course.fake_llm",
        "course.grading.app_process",
        "course.grading.processes",
        "course.grading.sse",
        "course.grading.tracebacks",
        "course.reporting",
        "course.saves",
        "course.serving",
        "course.workspace",
    ),
    "course.serving.answers": (),
    "course.checking": (*SERVED_TO_COMMANDS, "course.installing", "course.learning"),
    "course.installing": (),
    "course.learning": SERVED_TO_COMMANDS,
    "course.dev": ("course",),
    "course.main": ("course",),
}

# What may import the packages of an extra besides.
EXTRA_OF = {
    "course.dev": "test",
    "course.grading.deploying": "services",
    "course.grading.schema_child": "testing",
    "course.notebook": "notebook",
}

# Packages whose import has another name.
IMPORTED_AS = {"pyyaml": "yaml"}

# Packages that one place alone imports.
ONLY_IN = {"rich": ("course.reporting",), "typer": ("course.main", "course.dev")}

# What costs too much to import before it is known which command runs.
HEAVY = {"fastapi", "httpx", "pydantic", "pytest", "rich", "sqlalchemy", "starlette", "uvicorn"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@dataclass(frozen=True)
class Import:
    name: str  # in full, `course.catalog.Lesson`
    line: int
    at_start: bool  # runs when the module is imported

    def within(self, *packages: str) -> bool:
        return any(f"{self.name}.".startswith(f"{package}.") for package in packages)

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


def imports(source: str, package: str = "") -> Iterator[Import]:
    """Every import of a module; `package` is the one it is in, for its relative imports."""

    def walk(node: ast.AST, at_start: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, at_start)
            elif isinstance(child, ast.ImportFrom):
                parts = package.split(".")
                start = parts[: len(parts) + 1 - child.level] if child.level else []
                origin = ".".join([*start, *([child.module] if child.module else [])])
                for alias in child.names:
                    yield Import(f"{origin}.{alias.name}", child.lineno, at_start)
            yield from walk(child, at_start and not inside)

    return walk(ast.parse(source), at_start=True)


def declared(extra: str = "") -> set[str]:
    """The import names of what pyproject.toml asks for, with the extra if there is such a one."""
    asked = PROJECT["dependencies"] + PROJECT["optional-dependencies"].get(extra, [])
    names = {re.split(r"[^\w-]", one, maxsplit=1)[0].replace("-", "_") for one in asked}
    return {IMPORTED_AS.get(name, name) for name in names}


def rule_of(module: str) -> str | None:
    """The narrowest row of MAY_IMPORT; the row `course` is for the package's own file only."""
    rows = [row for row in MAY_IMPORT if row != "course" and f"{module}.".startswith(f"{row}.")]
    return max(rows, key=len, default="course" if module == "course" else None)


def tool_faults(module: str, source: str, is_package: bool = False) -> list[str]:
    """What a module of the tool imports that it may not."""
    rule = rule_of(module)
    if rule is None:
        return [f"{module} has no row in MAY_IMPORT"]
    here = module if is_package else module.rpartition(".")[0]
    known = declared(EXTRA_OF.get(rule, ""))
    faults = []
    for one in imports(source, here):
        where = f"{module}, line {one.line}, imports {one.name}"
        if one.package == "course":
            if not one.within(*MAY_IMPORT[rule]):
                allowed = ", ".join(MAY_IMPORT[rule]) or "nothing of the tool"
                faults.append(f"{where}: it may import {allowed}")
        elif one.package in sys.stdlib_module_names:
            continue
        elif one.package not in known:
            faults.append(f"{where}, which pyproject.toml does not ask for")
        elif one.package in ONLY_IN and rule not in ONLY_IN[one.package]:
            faults.append(f"{where}: only {' and '.join(ONLY_IN[one.package])} may")
        elif rule == "course.main" and one.at_start and one.package != "typer":
            faults.append(f"{where} at its start: only the command that needs it may")
    return faults


def app_faults(file: str, source: str, own: set[str], known: set[str]) -> list[str]:
    """What a file of an app imports beyond its folder, the standard library and dependencies."""
    return [
        f"{file}, line {one.line}, imports {one.name}"
        for one in imports(source, package="app")
        if one.package not in own | known | set(sys.stdlib_module_names)
    ]


def suite_faults(file: str, source: str) -> list[str]:
    """What a suite imports beyond what the course gives it; it has no HTTP client of its own."""
    ours = ("course.fake_llm", "course.grading.suite", "course.grading.deploying")
    known = (declared() | set(sys.stdlib_module_names)) - {"httpx"}
    return [
        f"{file}, line {one.line}, imports {one.name}"
        for one in imports(source)
        if not one.within(*ours) and one.package not in known
    ]


def modules_in(folder: Path) -> set[str]:
    """What a file of that folder can import from it."""
    return {path.stem for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"}


def slug_of(folder: str) -> str:
    return re.sub(r"^\d+_", "", folder)


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def test_a_module_of_the_tool_imports_only_what_its_layer_may() -> None:
    faults = []
    for path in python_files(CLI):
        is_package = path.stem == "__init__"
        parts = path.relative_to(CLI).with_suffix("").parts
        module = ".".join(parts[:-1] if is_package else parts)
        faults += tool_faults(module, path.read_text("utf-8"), is_package)
    assert not faults, "\n".join(faults)


def starter_of(slug: str) -> Path:
    return next(folder for folder in (ROOT / "starter").iterdir() if slug_of(folder.name) == slug)


@pytest.mark.parametrize(
    ("folders", "slug_at"),
    [("starter/*", -1), ("solutions/*", -1), ("lessons/*", -1), ("tests/right/*/*", -2)],
)
def test_an_app_imports_its_own_folder_the_standard_library_and_dependencies(
    folders: str, slug_at: int
) -> None:
    faults = []
    for folder in ROOT.glob(folders):
        slug = slug_of(folder.parts[slug_at])
        known = declared(slug)
        given = modules_in(starter_of(slug))  # a right app is laid over the starter's given files
        for path in python_files(folder):
            own = modules_in(folder) | modules_in(path.parent) | given
            name = path.relative_to(ROOT).as_posix()
            faults += app_faults(name, path.read_text("utf-8"), own, known)
    assert not faults, "\n".join(faults)


def test_a_wrong_app_imports_what_the_solution_it_is_put_into_may() -> None:
    faults = []
    for folder in (ROOT / "solutions").iterdir():
        slug = slug_of(folder.name)
        for path in python_files(ROOT / "tests" / "wrong" / slug):
            name = path.relative_to(ROOT).as_posix()
            source = path.read_text("utf-8")
            faults += app_faults(name, source, modules_in(folder), declared(slug))
    assert not faults, "\n".join(faults)


def test_a_suite_imports_what_the_course_gives_it_and_no_http_client() -> None:
    faults = []
    for path in python_files(ROOT / "tests" / "suites"):
        name, source = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        if path.parent.name == "apps":  # what a suite exchanges the learner's for
            faults += app_faults(name, source, modules_in(path.parent), declared())
        else:
            faults += suite_faults(name, source)
    assert not faults, "\n".join(faults)


def test_the_command_line_starts_without_the_heavy_packages() -> None:
    code = "import sys, course.main; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=CLI, check=True, capture_output=True, text=True)
    assert HEAVY & set(ended.stdout.split()) == set()


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("course.catalog", "import course.workspace", "may import nothing of the tool"),
        ("course.catalog", "from . import workspace", "imports course.workspace"),
        ("course.fake_llm.server", "from course.catalog import Lesson", "may import course.fake_"),
        ("course.fake_llm.server", "from ..catalog import Lesson", "imports course.catalog.Lesson"),
        ("course.grading.verdict", "from course.grading import suite", "nothing of the tool"),
        ("course.grading.pool", "from course.workspace import start", "may import course.catalog"),
        ("course.grading.pool", "def f():\n    import course.main", "line 2, imports course.main"),
        ("course.reporting.screen", "import course.grading.suite", "may import course.catalog"),
        ("course.serving.serve", "from course.grading import check", "may import course.catalog"),
        ("course.grading.pool", "from rich.console import Console", "only course.reporting may"),
        ("course.workspace", "import typer", "only course.main and course.dev may"),
        ("course.main", "import rich", "only course.reporting may"),
        ("course.main", "import uvicorn", "at its start"),
        ("course.main", "if True:\n    from fastapi import FastAPI", "at its start"),
        ("course.main", "class Lazy:\n    import httpx", "at its start"),
        ("course.workspace", "from solutions import app", "does not ask for"),
        ("course.workspace", "from app import app", "does not ask for"),
        ("course.workspace", "import packaging", "does not ask for"),
        ("course.newcomer", "", "no row in MAY_IMPORT"),
    ],
)
def test_a_forbidden_import_of_the_tool_is_noticed(module: str, source: str, fault: str) -> None:
    assert fault in "\n".join(tool_faults(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("course.main", "import typer\ndef serve():\n    import uvicorn"),
        ("course.main", "from course import catalog, workspace"),
        ("course.dev.locks", "from packaging.requirements import Requirement"),
        ("course.dev.sync", "from course.grading.check import check"),
        ("course.fake_llm.server", "from .script import Reply\nimport asyncio, h11"),
        ("course.reporting.screen", "from course.grading.verdict import Verdict\nimport rich"),
    ],
)
def test_a_permitted_import_of_the_tool_is_left_alone(module: str, source: str) -> None:
    assert tool_faults(module, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import course",
        "from course.fake_llm import FakeLLM",
        "import openai",
        "import helper",
        "def f():\n    import aiohttp",
        "from solutions import app",
    ],
)
def test_a_forbidden_import_of_an_app_is_noticed(source: str) -> None:
    assert app_faults("app.py", source, own={"app", "legacy_sdk"}, known=declared()) != []


def test_a_permitted_import_of_an_app_is_left_alone() -> None:
    source = (
        "import asyncio, httpx, legacy_sdk\n"
        "from pydantic_settings import BaseSettings\n"
        "from . import store\n"
    )
    assert app_faults("app.py", source, own={"app", "legacy_sdk"}, known=declared()) == []


@pytest.mark.parametrize(
    "source",
    ["import httpx", "from app import app", "from course.grading import check", "import course"],
)
def test_a_forbidden_import_of_a_suite_is_noticed(source: str) -> None:
    assert suite_faults("test_basic.py", source) != []
