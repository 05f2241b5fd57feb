"""Wrong apps: the solution with one misconception put into it.

`tests/wrong/<slug>/<misconception>.py` has a docstring of one line, `CAUGHT_BY` with the names of
the tests that must fail, and the definitions that replace the solution's of the same name. Other
definitions are helpers: they go in before the replaced one that follows them.
`FILE = "app/search.py"` puts all of it into another file than app.py.

`tests/wrong/<slug>/<misconception>/` is for what is not Python: `wrong.toml` says `misconception`,
`caught_by` and, if need be, `removes` (files) and `[[changes]]` (`file`, `old`, `new`); other files
in there are laid over the solution's.
"""

import ast
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.dev.source import Definition, defined_name, definitions, end_of_imports, files_of
from course.dev.suites import function_of

WRONG_TOML = "wrong.toml"


class WrongAppError(Exception):
    """A wrong app cannot be built; the message says what to change in its file."""


@dataclass(frozen=True)
class WrongApp:
    """A misconception, the tests that must fail because of it, and the files of such an app."""

    name: str
    misconception: str
    caught_by: tuple[str, ...]
    files: Mapping[str, bytes]


def wrong_app_paths(folder: Path) -> list[Path]:
    """The wrong apps in a folder: Python files, and folders."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
    ]


def read_wrong_app(path: Path, solution: Mapping[str, bytes], tests: Collection[str]) -> WrongApp:
    """Build the wrong app at `path` from the solution's files; `tests` are the suite's."""
    wrong = _from_folder(path, solution) if path.is_dir() else _from_file(path, solution)
    if "\n" in wrong.misconception or not wrong.misconception.endswith((".", "?", "!")):
        raise WrongAppError("The misconception must be one sentence on one line.")
    if not wrong.caught_by:
        raise WrongAppError("CAUGHT_BY names no test. Name the tests that must fail.")
    for test in wrong.caught_by:
        if function_of(test) not in tests:
            raise WrongAppError(f"CAUGHT_BY names {test}, and the suite has no such test.")
    return wrong


def _from_file(path: Path, solution: Mapping[str, bytes]) -> WrongApp:
    source = path.read_text(encoding="utf-8")
    try:
        module = ast.parse(source)
    except SyntaxError as problem:
        raise WrongAppError(f"Line {problem.lineno} is not Python: {problem.msg}.") from None
    docstring = ast.get_docstring(module)
    if not docstring:
        raise WrongAppError("There is no docstring. Say the misconception in one line.")
    settings = {"FILE": "app.py", "CAUGHT_BY": ()}
    imports = []
    for node in module.body[1:]:
        name = defined_name(node)
        if name in settings and isinstance(node, ast.Assign):
            settings[name] = _literal(node, name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(ast.unparse(node) + "\n")
        elif not name:
            raise WrongAppError(
                f"Line {node.lineno} defines nothing. Only imports and definitions can be put in."
            )
    file = str(settings["FILE"])
    if file not in solution:
        raise WrongAppError(f"The solution has no file {file}.")
    given = [each for each in definitions(source) if each.name not in settings]
    built = put_into(solution[file].decode(), imports, given)
    caught_by = settings["CAUGHT_BY"]
    if not isinstance(caught_by, tuple) or not all(isinstance(test, str) for test in caught_by):
        raise WrongAppError("CAUGHT_BY must be a tuple of names of tests.")
    return WrongApp(path.stem, docstring, caught_by, {**solution, file: built.encode()})


def _literal(node: ast.Assign, name: str) -> Any:
    try:
        return ast.literal_eval(node.value)
    except ValueError:
        raise WrongAppError(f"{name} must be written out, not computed.") from None


def put_into(solution: str, imports: Sequence[str], given: Sequence[Definition]) -> str:
    """The solution's source with `imports` after its own, and `given` in place of its own."""
    places = {each.name: each for each in definitions(solution)}
    if not any(each.name in places for each in given):
        raise WrongAppError(
            "Nothing of the solution is replaced: no definition has the name of one of its own."
        )
    for each in given:
        if each.name not in places and not _is_used(each, given):
            raise WrongAppError(f"{each.name} replaces nothing, and nothing here uses it.")
    inserted: dict[tuple[int, int], str] = {}
    helpers = ""
    last = 0
    for each in given:
        text = each.text.rstrip("\n") + "\n"
        if each.name in places:
            place = places[each.name]
            inserted[place.start, place.end] = helpers + text
            helpers = ""
            last = max(last, place.end)
        else:
            helpers += text + "\n\n"
    inserted[last, last] = "\n\n" + helpers.rstrip("\n") + "\n" if helpers else ""
    top = end_of_imports(solution)
    inserted[top, top] = inserted.get((top, top), "") + "".join(imports)
    lines = solution.splitlines(keepends=True)
    for start, end in sorted(inserted, reverse=True):
        lines[start:end] = [inserted[start, end]]
    return "".join(lines)


def _is_used(definition: Definition, given: Sequence[Definition]) -> bool:
    """A helper is used when another definition names it, or when a decorator registers it."""
    if getattr(definition.node, "decorator_list", []):
        return True
    names = {
        node.id
        for other in given
        if other is not definition
        for node in ast.walk(other.node)
        if isinstance(node, ast.Name)
    }
    return definition.name in names


def _from_folder(path: Path, solution: Mapping[str, bytes]) -> WrongApp:
    laid_over = files_of(path)
    try:
        manifest = tomllib.loads(laid_over.pop(WRONG_TOML).decode())
    except KeyError:
        raise WrongAppError(f"There is no {WRONG_TOML} in the folder.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise WrongAppError(f"{WRONG_TOML} is not valid TOML: {problem}.") from None
    unknown = set(manifest) - {"misconception", "caught_by", "removes", "changes"}
    if unknown:
        raise WrongAppError(
            f"{WRONG_TOML} has keys that nothing reads: {', '.join(sorted(unknown))}."
        )
    files = dict(solution)
    for name in manifest.get("removes", []):
        if name not in files:
            raise WrongAppError(f"It removes {name}, which the solution does not have.")
        del files[name]
    for change in manifest.get("changes", []):
        text = files.get(change["file"], b"").decode()
        if text.count(change["old"]) != 1:
            raise WrongAppError(
                f"{change['old']!r} must stand once in {change['file']} of the solution."
            )
        files[change["file"]] = text.replace(change["old"], change["new"]).encode()
    files |= laid_over
    if files == solution:
        raise WrongAppError("It changes nothing. Add changes, or files that are laid over.")
    return WrongApp(
        path.name,
        str(manifest.get("misconception", "")),
        tuple(manifest.get("caught_by", ())),
        files,
    )
