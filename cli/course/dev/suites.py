"""The tests of a suite and the exercises they belong to, read without running anything."""

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SuiteTest:
    """One test function. What its mark does not say is "".

    `rests_on` names another exercise: who fails that one fails this test as well.
    """

    name: str
    line: int
    exercise: str
    look: str
    idea: str
    rests_on: str


def read_suite(path: Path) -> tuple[SuiteTest, ...]:
    """The tests of the suite at `path`; none when the file is missing or is not Python."""
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError):
        return ()
    marks: dict[str, ast.expr] = {}
    tests = []
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                marks[name] = value
            case ast.FunctionDef(name=name, decorator_list=decorators) if name.startswith("test_"):
                calls = [
                    marks.get(each.id, each) if isinstance(each, ast.Name) else each
                    for each in decorators
                ]
                said = next((_mark(call) for call in calls if _is_mark(call)), {})
                tests.append(
                    SuiteTest(
                        name,
                        node.lineno,
                        said.get("slug", ""),
                        said.get("look", ""),
                        said.get("idea", ""),
                        said.get("rests_on", ""),
                    )
                )
    return tuple(tests)


def function_of(test: str) -> str:
    """The function of a test's name: `test_x` for `test_x[nan]`."""
    return test.partition("[")[0]


def _is_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.exercise"


def _mark(node: ast.expr) -> dict[str, str]:
    assert isinstance(node, ast.Call)
    given = {"slug": node.args[0]} if node.args else {}
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return {
        name: value.value
        for name, value in given.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
