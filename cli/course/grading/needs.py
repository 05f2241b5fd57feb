"""Which exercises of a suite need a server, read without running anything."""

import ast
from pathlib import Path


def exercises_with(suite: Path, fixture: str) -> list[str]:
    """The slugs of the exercises with a test that asks for `fixture`, itself or through others.

    In the order of the suite; none when the file is missing or is not Python.
    """
    try:
        body = ast.parse(suite.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError):
        return []
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    marks = {
        node.targets[0].id: node.value
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    def asks(name: str, seen: frozenset[str]) -> bool:
        if name == fixture:
            return True
        if name not in functions or name in seen:
            return False
        return any(asks(one.arg, seen | {name}) for one in functions[name].args.args)

    slugs = [
        slug
        for name, node in functions.items()
        if name.startswith("test_") and asks(name, frozenset())
        for decorator in node.decorator_list
        if (slug := _slug(marks.get(getattr(decorator, "id", ""), decorator)))
    ]
    return list(dict.fromkeys(slugs))


def _slug(decorator: ast.expr) -> str:
    """The slug of `pytest.mark.exercise("slug", ...)`, "" of anything else."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr="exercise"), args=[ast.Constant(value=str(slug))]):
            return slug
    return ""
