"""The manifest: `course.toml` read once into frozen lessons and exercises."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

FORMAT_VERSION = 1
DEFAULT_QUERY = 'course query "Why is the sky blue?"'
T = TypeVar("T")
SLUG = re.compile(r"[a-z][a-z0-9-]*")


class CatalogError(Exception):
    """The manifest is wrong; the message names the file and the key."""


class UnknownLesson(LookupError):
    """No lesson or exercise has that slug; the message says which ones there are."""


@dataclass(frozen=True)
class Exercise:
    """One graded behaviour. `hints` go from a question to nearly the answer."""

    slug: str
    title: str
    hints: tuple[str, ...]
    stretch: bool = False


@dataclass(frozen=True)
class Lesson:
    """One lesson. `folder` (`03_streaming`) is reading order, `slug` the identity."""

    slug: str
    folder: str
    title: str
    exercises: tuple[Exercise, ...]
    needs: tuple[str, ...] = ()
    serve_environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Settings that `course serve` gives the app, such as tokens."""
    query: str = DEFAULT_QUERY
    """The command line that `course serve` offers to try the app with."""

    def exercise(self, slug: str) -> Exercise:
        """The exercise of that slug; `UnknownLesson` when there is none."""
        for exercise in self.exercises:
            if exercise.slug == slug:
                return exercise
        raise UnknownLesson(
            _no_such(f"exercise in lesson {self.slug}", slug, [e.slug for e in self.exercises])
        )

    @property
    def core(self) -> tuple[Exercise, ...]:
        """The exercises that count: those that are not stretch."""
        return tuple(exercise for exercise in self.exercises if not exercise.stretch)


@dataclass(frozen=True)
class Course:
    """All lessons in reading order."""

    lessons: tuple[Lesson, ...]

    def lesson(self, name: str) -> Lesson:
        """The lesson of that slug or folder; `UnknownLesson` when there is none."""
        for lesson in self.lessons:
            if name in (lesson.slug, lesson.folder):
                return lesson
        raise UnknownLesson(_no_such("lesson", name, [lesson.slug for lesson in self.lessons]))


def load(path: Path) -> Course:
    """Read the manifest at `path`; `CatalogError` names the file and the key that is wrong."""
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise CatalogError(f"{path}: cannot be read ({problem.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise CatalogError(f"{path}: is not valid TOML ({problem})") from None
    reader = _Reader(path)
    version = reader.take(manifest, "format_version", int, "")
    if version != FORMAT_VERSION:
        raise CatalogError(f"{path}: format_version is {version}, this tool reads {FORMAT_VERSION}")
    lessons = tuple(
        reader.lesson(entry, f"lessons[{number}]")
        for number, entry in enumerate(reader.take(manifest, "lessons", list, ""))
    )
    reader.reject_repeats("lessons", [lesson.slug for lesson in lessons])
    known = {lesson.slug for lesson in lessons}
    for lesson in lessons:
        for need in lesson.needs:
            if need not in known:
                raise CatalogError(f"{path}: lessons.{lesson.slug}.needs: no lesson {need!r}")
    return Course(lessons)


class _Reader:
    """Checked access to the parsed manifest: each complaint names the file and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def take(self, table: object, key: str, kind: type[T], where: str) -> T:
        name = f"{where}.{key}" if where else key
        if not isinstance(table, Mapping) or key not in table:
            raise CatalogError(f"{self.path}: {name} is missing")
        value: Any = table[key]
        if type(value) is not kind or value == "":
            raise CatalogError(f"{self.path}: {name} must be a {kind.__name__}, not {value!r}")
        return value

    def texts(self, table: object, key: str, where: str) -> tuple[str, ...]:
        values = self.take(table, key, list, where)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise CatalogError(f"{self.path}: {where}.{key} must be a list of texts")
        return tuple(values)

    def slug(self, table: object, where: str) -> str:
        slug = self.take(table, "slug", str, where)
        if not SLUG.fullmatch(slug):
            raise CatalogError(f"{self.path}: {where}.slug: {slug!r} is not lower-case-with-dashes")
        return slug

    def lesson(self, entry: object, where: str) -> Lesson:
        slug = self.slug(entry, where)
        where = f"lessons.{slug}"
        exercises = tuple(
            self.exercise(item, f"{where}.exercises[{number}]")
            for number, item in enumerate(self.take(entry, "exercises", list, where))
        )
        self.reject_repeats(f"{where}.exercises", [exercise.slug for exercise in exercises])
        environment, query = self.serve(entry, f"{where}.serve")
        return Lesson(
            slug=slug,
            folder=self.take(entry, "folder", str, where),
            title=self.take(entry, "title", str, where),
            exercises=exercises,
            needs=self.texts(entry, "needs", where),
            serve_environment=environment,
            query=query,
        )

    def serve(self, entry: object, where: str) -> tuple[Mapping[str, str], str]:
        """The optional table `serve` of a lesson, with `env` and `query`, both optional."""
        table = entry.get("serve", {}) if isinstance(entry, Mapping) else {}
        if not isinstance(table, Mapping):
            raise CatalogError(f"{self.path}: {where} must be a table, not {table!r}")
        for key in table:
            if key not in ("env", "query"):
                raise CatalogError(
                    f"{self.path}: {where}.{key} is unknown; there are env and query"
                )
        environment = self.take(table, "env", dict, where) if "env" in table else {}
        for name, value in environment.items():
            if not isinstance(value, str):
                raise CatalogError(f"{self.path}: {where}.env.{name} must be a str, not {value!r}")
        query = self.take(table, "query", str, where) if "query" in table else DEFAULT_QUERY
        return environment, query

    def exercise(self, entry: object, where: str) -> Exercise:
        return Exercise(
            slug=self.slug(entry, where),
            title=self.take(entry, "title", str, where),
            hints=self.texts(entry, "hints", where),
            stretch=self.take(entry, "stretch", bool, where),
        )

    def reject_repeats(self, where: str, slugs: list[str]) -> None:
        for slug in slugs:
            if slugs.count(slug) > 1:
                raise CatalogError(f"{self.path}: {where}: {slug!r} stands there twice")


def _no_such(kind: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    guess = f" Did you mean {near[0]}?" if near else ""
    return f"There is no {kind} called {name!r}.{guess} There are: {', '.join(known)}."
