"""The top level of a Python file: its definitions, and the text between them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LEFTOVERS = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Definition:
    """A top-level function, class or assignment, with its decorators and the comments on top of it.

    `start` and `end` are the lines it takes, as a slice of the file's lines.
    """

    name: str
    start: int
    end: int
    text: str
    node: ast.stmt


@cache  # a solution is asked for once for each of its wrong apps
def definitions(source: str) -> tuple[Definition, ...]:
    """All definitions in order; raises SyntaxError."""
    lines = source.splitlines(keepends=True)
    found = []
    previous = 0
    for node in ast.parse(source).body:
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        end = node.end_lineno or node.lineno
        while start > previous and lines[start - 1].startswith("#"):
            start -= 1
        if name := defined_name(node):
            found.append(Definition(name, start, end, "".join(lines[start:end]), node))
        previous = end
    return tuple(found)


@cache
def end_of_imports(source: str) -> int:
    """How many lines the file has up to the end of its last top-level import; 0 without one."""
    imports = [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    return max((node.end_lineno or 0 for node in imports), default=0)


def defined_name(node: ast.stmt) -> str:
    """The one name a statement defines; "" for every other statement."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def definition(source: str, name: str) -> Definition | None:
    """The definition of that name, the last one when there are several."""
    return {each.name: each for each in definitions(source)}.get(name)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path in there; caches are left out."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in walk(folder)}


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder in order, without caches."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name in LEFTOVERS:
            continue
        if path.is_dir():
            yield from walk(path)
        else:
            yield path


def syntax_error(source: str) -> SyntaxError | None:
    """Why a source cannot be parsed."""
    try:
        ast.parse(source)
    except SyntaxError as problem:
        return problem
    return None


def python_files(files: Mapping[str, bytes]) -> dict[str, str]:
    """The Python files among `files`, as text."""
    return {name: content.decode() for name, content in files.items() if name.endswith(".py")}
