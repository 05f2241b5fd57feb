"""One check, as it is handed from the grader to a suite process: plain data."""

import ast
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 10.0
WORKERS = 4  # most tests wait for a clock, so more than there are cores
# ast.parse in several threads at once fails with a SystemError (python/cpython#106905)
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Job:
    """Grade the app in `folder` with the suite in the file `suite`.

    `first` names tests to run before the others (what failed last time); `page` is the lesson's
    page as a learner would open it, for the place of an idea; `patience` is how many seconds a
    start or an answer may take. Where processes fork, the tests are shared by `workers` of them,
    and `part` is which of the shares this is.
    """

    folder: str
    suite: str
    page: str
    first: tuple[str, ...] = ()
    patience: float = PATIENCE_SECONDS
    workers: int = WORKERS
    part: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Job":
        return cls(**{**values, "first": tuple(values["first"])})


def suite_settings(suite: Path, scratch: Path) -> dict[str, str | None]:
    """The suite's `SETTINGS`: a literal, read without importing the suite.

    `$SCRATCH` in a value stands for a folder of the check's own.
    """
    settings: dict[str, str] = literal_in(suite, "SETTINGS") or {}
    return {name: value.replace("$SCRATCH", str(scratch)) for name, value in settings.items()}


def suite_imports(suite: Path) -> tuple[str, ...]:
    """The suite's `IMPORTS`: large modules that most of its apps import, such as `redis.asyncio`.

    What forks the apps imports them once. A suite names no others: every fork pays for them.
    """
    return tuple(literal_in(suite, "IMPORTS") or ())


def app_comes_first(suite: Path) -> bool:
    """Whether the app must run before any test does: so it is, unless `APP_FIRST = False`.

    Such a suite grades other files as well, and starts an app where a test asks for one.
    """
    return literal_in(suite, "APP_FIRST") is not False


def learners_settings(suite: Path) -> dict[str, str]:
    """The suite's `LEARNERS_SETTINGS`: the environment in which a learner's own tests run."""
    return dict(literal_in(suite, "LEARNERS_SETTINGS") or {})


def stdout_apart(suite: Path) -> bool:
    """The suite's `STDOUT_APART`: it reads `App.stdout`, so that pipe is not shared with stderr."""
    return bool(literal_in(suite, "STDOUT_APART"))


def literal_in(suite: Path, name: str) -> Any:
    """The literal that a suite gives that name, None when it does not."""
    for node in statements(suite.read_text(encoding="utf-8")):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    return None


@lru_cache(maxsize=32)
def statements(source: str) -> list[ast.stmt]:
    """What stands at the top of a suite; forks know it when their parent has asked."""
    with ONE_AT_A_TIME:
        return ast.parse(source).body
