"""What can be said about a folder without running anything in it."""

from pathlib import Path

NO_APP = "There is no app.py (or package app/) in the folder."


def app_problem(folder: Path) -> str:
    """Why the folder holds no app that could be imported; "" when nothing stands against it."""
    if not folder.is_dir():
        return f"There is no folder {folder}."
    source = next(
        (path for path in (folder / "app.py", folder / "app/__init__.py") if path.is_file()), None
    )
    if source is None:
        return NO_APP
    for path in (
        [source, *sorted(source.parent.glob("*.py"))] if source.name == "__init__.py" else [source]
    ):
        if problem := source_problem(path, folder):
            return problem
    return ""


def source_problem(path: Path, folder: Path) -> str:
    """The syntax error of one file, its line first; "" when it compiles."""
    name = path.relative_to(folder)
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        kind = "wrong indentation" if isinstance(problem, IndentationError) else "a syntax error"
        if problem.lineno is None or not problem.text:
            return f"{name} cannot be read as Python: {problem.msg}"
        line = problem.text.rstrip("\n")
        marker = " " * max(0, (problem.offset or 1) - 1) + "^"
        return f"{name}, line {problem.lineno}: {kind}: {problem.msg}\n    {line}\n    {marker}"
    except (ValueError, RecursionError, MemoryError) as problem:
        return f"{name} cannot be read as Python: {problem}"
    except OSError as problem:
        return f"{name} cannot be read: {problem.strerror}"
    return ""
