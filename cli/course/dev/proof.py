"""Starter, solution, right and wrong apps are graded, and do what they are there for.

What holds is remembered by content in `.cache/dev-check.json`: the app's files, the suite, and the
tool. What does not hold is graded again.
"""

import hashlib
import json
import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import course
from course.catalog import Lesson
from course.dev.disk import right_app_paths
from course.dev.findings import Finding
from course.dev.source import files_of, walk
from course.dev.suites import function_of
from course.dev.wrong_apps import WrongApp
from course.grading.grader import THE_APP_STARTS, grade
from course.grading.runner_pool import RunnerPool
from course.workspace import Workspace, write_atomically

TRIES_ALONE = 2  # a wrong app is often wrong in how it races
CACHE = ".cache/dev-check.json"
LOCKS_OF_GRADING = ("requirements.lock", "requirements-services.lock", "requirements-testing.lock")
WITHOUT = re.compile(r"^# without: (.+)$", re.MULTILINE)
SENTENCE = re.compile(r"([\"'(]?[A-Z0-9]|`).*[.!?…:\"'”’)\]}`]")
INTERNALS = re.compile(
    r"AssertionError|Traceback|object at 0x|NoneType|course\.(grading|fake_llm)"
    r"|^The answer has another shape|test_\w+ does not hold"
)


@dataclass(frozen=True)
class Result:
    """How one test of one exercise ended."""

    exercise: str
    test: str
    outcome: str
    message: str = ""


@dataclass(frozen=True)
class Target:
    """One app to grade and what to make of the results."""

    where: str
    files: Mapping[str, bytes]
    judge: Callable[[Sequence[Result]], list[Finding]]


@dataclass(frozen=True)
class Proof:
    """What was found out about the apps of one lesson, all by where they are.

    `unsteady` has what did not hold among other checks and held alone.
    """

    findings: list[Finding]
    results: dict[str, list[Result]]
    unsteady: dict[str, list[Finding]]


@dataclass
class Memory:
    """Results that held, by a hash of all they depend on."""

    path: Path
    known: dict[str, list[Result]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, root: Path) -> "Memory":
        """What the last checks remembered; nothing when it cannot be read."""
        path = root / CACHE
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            known = {key: [Result(**each) for each in results] for key, results in saved.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            known = {}
        return cls(path, known)

    def get(self, key: str) -> list[Result] | None:
        self.used.add(key)
        return self.known.get(key)

    def save(self, forget_unused: bool = False) -> None:
        """Write it down; after a check of the whole course, without what nobody asked for."""
        if forget_unused:
            self.known = {key: results for key, results in self.known.items() if key in self.used}
        saved = {key: [asdict(each) for each in results] for key, results in self.known.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, json.dumps(saved))


class Bench:
    """Grades targets, and remembers what held."""

    def __init__(self, pool: RunnerPool, memory: Memory, root: Path) -> None:
        self._pool = pool
        self._memory = memory
        self._tool = hash_of_tool(root)

    def prove(self, lesson: Lesson, workspace: Workspace, targets: Sequence[Target]) -> "Proof":
        """Grade all targets at once; what does not hold is graded again, and alone.

        Several checks beside each other are more than some machines bear. What that undid holds
        alone, and the proof names it.
        """
        suite = {**hashes(files_of(workspace.suite(lesson).parent)), "tool": self._tool}
        keys = {target.where: hash_of(lesson, suite, hashes(target.files)) for target in targets}
        results = {
            target.where: known
            for target in targets
            if (known := self._memory.get(keys[target.where])) and not target.judge(known)
        }
        missing = [target for target in targets if target.where not in results]
        graded = self._pool.map(lambda target: self._grade(lesson, workspace, target), missing)
        results |= {target.where: got for target, got in zip(missing, graded, strict=True)}
        proof = Proof([], results, {})
        for target in missing:
            problems = first = target.judge(results[target.where])
            for _ in range(TRIES_ALONE):
                if problems:
                    results[target.where] = self._grade(lesson, workspace, target)
                    problems = target.judge(results[target.where])
            if problems:
                proof.findings.extend(problems)
                continue
            if first:
                proof.unsteady[target.where] = first
            self._memory.known[keys[target.where]] = results[target.where]
        return proof

    def _grade(self, lesson: Lesson, workspace: Workspace, target: Target) -> list[Result]:
        with self._pool.runner() as runner, tempfile.TemporaryDirectory() as folder:
            app = Path(folder) / lesson.folder
            for name, content in target.files.items():
                (app / name).parent.mkdir(parents=True, exist_ok=True)
                (app / name).write_bytes(content)
            verdict = grade(
                lesson,
                app,
                workspace.suite(lesson),
                target=target.where,
                page=workspace.shown_page(lesson),
                runner=runner,
            )
        return [
            Result(exercise.slug, test.name, test.outcome, test.message)
            for exercise in verdict.exercises
            for test in exercise.tests
        ]


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def hash_of(lesson: Lesson, suite: Mapping[str, str], app: Mapping[str, str]) -> str:
    """What a result depends on, as one hash. Titles and hints are not part of it."""
    exercises = [(exercise.slug, exercise.stretch) for exercise in lesson.exercises]
    parts = [lesson.folder, exercises, sorted(suite.items()), sorted(app.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def hash_of_tool(root: Path) -> str:
    """A hash of what grades, and of the packages it runs with."""
    package = Path(course.__file__).parent
    digest = hashlib.sha256(platform.python_version().encode())
    sources = [path for part in ("grading", "fake_llm") for path in walk(package / part)]
    for path in [*sources, package / "catalog.py", Path(__file__)]:
        digest.update(path.read_bytes())
    for lock in (root / name for name in LOCKS_OF_GRADING):
        if lock.exists():
            _, _, pins = lock.read_bytes().partition(b"\n")  # the first line is no pin
            digest.update(pins)
    return digest.hexdigest()


# What each kind of app is there for


def targets_of(
    lesson: Lesson,
    workspace: Workspace,
    starter: Mapping[str, bytes],
    solution: Mapping[str, bytes],
    wrong_apps: Mapping[str, WrongApp],
) -> Iterator[Target]:
    """Every app of a lesson. `wrong_apps` are by path."""
    here = f"starter/{lesson.folder}"
    yield Target(here, starter, lambda results: list(starter_findings(lesson, here, results)))
    there = f"solutions/{lesson.folder}"
    yield Target(
        there, solution, lambda results: list(right_findings(lesson, there, results, set()))
    )
    given = {name: content for name, content in solution.items() if starter.get(name) == content}
    for path in right_app_paths(workspace.content / "tests/right" / lesson.slug):
        where = f"tests/right/{lesson.slug}/{path.name}"
        yield _right_target(lesson, where, given, files_of(path))
    for where, app in wrong_apps.items():
        yield _wrong_target(where, app)


def _right_target(
    lesson: Lesson, where: str, given: Mapping[str, bytes], files: Mapping[str, bytes]
) -> Target:
    """A right app stands on the lesson's given files; one in app.py not on those of a package.

    A comment `# without: hang-up, trace` in it leaves stretch exercises out.
    """
    without = {
        slug.strip()
        for name, content in files.items()
        if name.endswith(".py")
        for slugs in WITHOUT.findall(content.decode())
        for slug in slugs.split(",")
    }
    judge = lambda results: list(right_findings(lesson, where, results, without))  # noqa: E731
    if "app.py" in files:  # a package app/ beside it would be imported in its place
        given = {name: text for name, text in given.items() if not name.startswith("app/")}
    return Target(where, {**given, **files}, judge)


def _wrong_target(where: str, app: WrongApp) -> Target:
    return Target(where, app.files, lambda results: list(wrong_findings(where, app, results)))


def starter_findings(lesson: Lesson, where: str, results: Sequence[Result]) -> Iterator[Finding]:
    """The starter runs, and fails each exercise by assertions that teach."""
    broken = list(_broken(where, results))
    if broken:
        yield from broken
        return
    for exercise in lesson.exercises:
        own = [result for result in results if result.exercise == exercise.slug]
        if not any(result.outcome == "failed" for result in own):
            yield Finding(
                where,
                f"It does not fail the exercise {exercise.slug}.",
                "Take out of the starter what the exercise asks for, or sharpen its tests.",
            )
    for result in results:
        if result.outcome == "failed" and "#" not in result.message.rpartition("\n")[2]:
            yield Finding(
                where,
                f"{result.test} fails because the app does not run: {_first_line(result)}",
                "A starter runs whatever the settings are; it fails by assertions only.",
            )
        else:
            yield from message_findings(where, result)


def right_findings(
    lesson: Lesson, where: str, results: Sequence[Result], without: set[str]
) -> Iterator[Finding]:
    """A right app passes everything but the stretch exercises it says it is without."""
    stretch = {exercise.slug for exercise in lesson.exercises if exercise.stretch}
    for slug in sorted(without - stretch):
        yield Finding(where, f"It is without {slug}, which is no stretch exercise.", "Write it.")
    broken = list(_broken(where, results))
    if broken:
        yield from broken
        return
    for result in results:
        if result.outcome != "passed" and result.exercise not in without:
            yield Finding(
                where,
                f"{result.test} does not pass: {_first_line(result)}",
                "Correct the app, or the test if it asks for more than the contract does.",
            )
    failed = {result.exercise for result in results if result.outcome != "passed"}
    for slug in sorted(without & stretch - failed):
        yield Finding(where, f"It says it is without {slug}, and has it.", "Take the remark away.")


def wrong_findings(where: str, app: WrongApp, results: Sequence[Result]) -> Iterator[Finding]:
    """Exactly the tests a wrong app names fail, each with a sentence."""
    broken = list(_broken(where, results))
    if broken:
        yield from broken
        return
    failed = [result.test for result in results if result.outcome == "failed"]
    for test in app.caught_by:
        if test not in failed and test not in map(function_of, failed):
            yield Finding(
                where,
                f"{test} should catch it and passes.",
                "Make the app worse, sharpen the test, or take the name out of CAUGHT_BY.",
            )
    for test in failed:
        if test not in app.caught_by and function_of(test) not in app.caught_by:
            yield Finding(
                where,
                f"{test} catches it, too, and is not named.",
                "Narrow the app or the test, or name it in CAUGHT_BY.",
            )
    for result in results:
        yield from message_findings(where, result)


def _broken(where: str, results: Sequence[Result]) -> Iterator[Finding]:
    """What spoils all other results: the suite failed by itself, or the app did not start."""
    for result in results:
        if result.outcome == "error":
            yield Finding(
                where,
                f"The suite itself failed in {result.test}: {_last_line(result)}",
                "Correct the suite or the grader.",
            )
            return
        if result.outcome == "not_run":
            yield Finding(
                where,
                f"{result.test} could not run: {_first_line(result)}",
                "Install what it names.",
            )
            return
        if result.test == THE_APP_STARTS:
            yield Finding(
                where, f"The app does not start: {_first_line(result)}", "Correct the app."
            )
            return


def message_findings(where: str, result: Result) -> Iterator[Finding]:
    """The first line of a failure is a sentence for a learner."""
    if result.outcome != "failed":
        return
    line = _first_line(result)
    if INTERNALS.search(line):
        yield Finding(
            where,
            f"{result.test} fails with words from inside: {line!r}.",
            "Say in a sentence what was sent and what came back.",
        )
    elif not SENTENCE.fullmatch(line):
        yield Finding(
            where,
            f"{result.test} fails without a sentence: {line!r}.",
            "Begin with a capital letter and end with a full stop.",
        )


def _first_line(result: Result) -> str:
    return result.message.partition("\n")[0]


def _last_line(result: Result) -> str:
    return result.message.strip().rpartition("\n")[2]
