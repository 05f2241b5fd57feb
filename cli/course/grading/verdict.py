"""What a check found out: frozen values, and their JSON form (version 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

VERSION = 1
Outcome = Literal["passed", "failed", "error", "not_run"]
Lane = Literal["client", "app", "LLM"]


@dataclass(frozen=True)
class Moment:
    """One thing that happened in a test: `at_ms` after its start, in one of three lanes."""

    at_ms: int
    lane: Lane
    what: str


@dataclass(frozen=True)
class Evidence:
    """What was sent to the app, what came back, and who did what when.

    `sent` has `method`, `path`, `headers`, `body`; `received` has `status`, `headers`, `body`, or
    None when nothing came. Long bodies are cut with a note of their length.
    """

    sent: Mapping[str, Any] | None = None
    received: Mapping[str, Any] | None = None
    timeline: Sequence[Moment] = ()


@dataclass(frozen=True)
class TestVerdict:
    """One test. `message` is empty when it passed; its first line is the sentence to read."""

    __test__ = False

    name: str
    outcome: Outcome
    message: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    duration_ms: float = 0.0
    printed: str = ""  # what the app wrote meanwhile, for the screen; not part of the JSON


@dataclass(frozen=True)
class ExerciseVerdict:
    """One exercise: passed when all of its tests passed."""

    slug: str
    title: str
    stretch: bool
    outcome: Outcome
    points: int
    tests: tuple[TestVerdict, ...]


@dataclass(frozen=True)
class Verdict:
    """One lesson of one target. Outcome and points leave stretch exercises out."""

    lesson: str
    target: str
    outcome: Literal["passed", "failed", "error"]
    points: int
    max_points: int
    duration_ms: float
    exercises: tuple[ExerciseVerdict, ...]

    @property
    def exit_code(self) -> int:
        """0 passed, 1 not passed, 3 the course's own fault."""
        return {"passed": 0, "failed": 1, "error": 3}[self.outcome]

    def as_dict(self) -> dict[str, Any]:
        """The verdict JSON of COURSE.md, version 1: exactly its keys."""
        document = asdict(self)
        for exercise in document["exercises"]:
            for test in exercise["tests"]:
                del test["printed"]
        return {"version": VERSION, **document}


def outcome_of(tests: Sequence[TestVerdict]) -> Outcome:
    """The outcome of an exercise: the worst of its tests, and an error when it has none."""
    outcomes = {test.outcome for test in tests}
    for outcome in ("error", "failed", "not_run"):
        if outcome in outcomes:
            return outcome
    return "passed" if outcomes else "error"
