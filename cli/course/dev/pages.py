"""Markdown pages: headings, links, code, and the parts that are written from other files."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.catalog import Course, Lesson
from course.dev.source import definition

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*(\w*)")
HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
INLINE_CODE = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(
    r"\]\(<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)|(?:href|src)=\"([^\"]+)\""
)
OWN_ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
EXCERPT = re.compile(
    r"^<!-- excerpt: (?P<path>[^#\s]+)(?:#(?P<name>\w+))? -->$"
    r"(?:\n+(?P<fence>```+)[^\n]*\n.*?^(?P=fence)$)?",
    re.MULTILINE | re.DOTALL,
)
TABLE = r"^<!-- {0} -->\n.*?^<!-- /{0} -->$"
LANGUAGES = {".py": "python", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".sh": "sh"}


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Code:
    """A piece of inline code (`language` is None) or a fenced block."""

    line: int
    text: str
    language: str | None


@dataclass(frozen=True)
class Page:
    """What can be checked of a page. `links` are (line, target)."""

    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    links: tuple[tuple[int, str], ...]
    code: tuple[Code, ...]
    prose: tuple[tuple[int, str], ...]  # the lines outside of blocks, with their numbers


def read_page(text: str) -> Page:
    """Take a page apart."""
    prose, code = _blocks(text)
    headings: list[Heading] = []
    anchors: set[str] = set()
    links: list[tuple[int, str]] = []
    for number, line in prose:
        code += [Code(number, found[2].strip(), None) for found in INLINE_CODE.finditer(line)]
        if heading := HEADING.match(line):
            anchor = _new_anchor(heading[2], anchors)
            anchors.add(anchor)
            headings.append(Heading(len(heading[1]), heading[2], anchor))
        anchors |= set(OWN_ANCHOR.findall(line))
        without_code = INLINE_CODE.sub("", line)
        links += [(number, "".join(found)) for found in LINK.findall(without_code)]
    return Page(tuple(headings), frozenset(anchors), tuple(links), tuple(code), tuple(prose))


def _blocks(text: str) -> tuple[list[tuple[int, str]], list[Code]]:
    """The lines outside of fenced blocks, and the blocks."""
    prose: list[tuple[int, str]] = []
    code: list[Code] = []
    fence, language, start, inside = "", "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        opening = FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not opening[2]:
                code.append(Code(start, "\n".join(inside), language))
                fence = ""
            else:
                inside.append(line)
        elif opening:
            fence, language, start, inside = opening[1], opening[2], number + 1, []
        else:
            prose.append((number, line))
    return prose, code


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def _new_anchor(heading: str, taken: Collection[str]) -> str:
    anchor = first = anchor_of(heading)
    number = 0
    while anchor in taken:
        number += 1
        anchor = f"{first}-{number}"
    return anchor


# What is written from other files


class ExcerptError(Exception):
    """An excerpt names something that is not there."""


@dataclass(frozen=True)
class Written:
    """A part of a page, from `start` to `end`, that is written from other files: `wanted`."""

    start: int
    end: int
    what: str
    wanted: str


def written_parts(text: str, root: Path, course: Course, lesson: Lesson | None) -> list[Written]:
    """The excerpts and tables of a page as they should be; raises ExcerptError.

    `lesson` is the lesson whose page it is: its exercises fill the table there.
    """
    parts = []
    for found in _excerpts(text):
        source = found["path"] + (f"#{found['name']}" if found["name"] else "")
        block = excerpt_block(root, found["path"], found["name"])
        wanted = f"<!-- excerpt: {source} -->\n{block}"
        parts.append(Written(found.start(), found.end(), f"The excerpt of {source}", wanted))
    tables = {"lessons": lessons_table(course)}
    if lesson is not None:
        tables["exercises"] = exercises_table(lesson)
    for name, wanted in tables.items():
        if place := table(text, name):
            parts.append(Written(place.start(), place.end(), f"The table of {name}", wanted))
    return sorted(parts, key=lambda part: part.start)


def renewed(text: str, parts: Sequence[Written]) -> str:
    """The page with those parts as they should be."""
    for part in reversed(parts):
        text = text[: part.start] + part.wanted + text[part.end :]
    return text


def table(text: str, name: str) -> re.Match[str] | None:
    """The marked place of the table `name`."""
    return re.search(TABLE.format(name), text, re.MULTILINE | re.DOTALL)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def excerpts(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Line, path and name of each excerpt on a page."""
    for found in _excerpts(text):
        yield line_of(text, found.start()), found["path"], found["name"]


def _excerpts(text: str) -> Iterator[re.Match[str]]:
    in_prose = {number for number, _ in _blocks(text)[0]}
    for found in EXCERPT.finditer(text):
        if line_of(text, found.start()) in in_prose:
            yield found


def excerpt_block(root: Path, path: str, name: str | None) -> str:
    """The fenced block that shows a file, or one definition of it."""
    try:
        source = (root / path).read_text(encoding="utf-8")
        if name:
            found = definition(source, name)
            if found is None:
                raise ExcerptError(f"{path} has no top-level {name}.")
            source = found.text
    except OSError:
        raise ExcerptError(f"There is no file {path}.") from None
    except SyntaxError:
        raise ExcerptError(f"{path} is not Python.") from None
    language = LANGUAGES.get(Path(path).suffix, "")
    return f"```{language}\n{source.rstrip()}\n```"


def exercises_table(lesson: Lesson) -> str:
    """The exercises of a lesson, as its page shows them."""
    rows = [
        f"| `{exercise.slug}` | {exercise.title}{' *(stretch)*' if exercise.stretch else ''} |"
        for exercise in lesson.exercises
    ]
    lines = ["<!-- exercises -->", "| exercise | passed when |", "|---|---|", *rows]
    return "\n".join([*lines, "<!-- /exercises -->"])


def lessons_table(course: Course) -> str:
    """All lessons, as the README shows them."""
    rows = []
    for lesson in course.lessons:
        stretch = len(lesson.exercises) - len(lesson.core)
        count = f"{len(lesson.core)}{f' + {stretch} stretch' if stretch else ''}"
        place = f"lessons/{lesson.folder}/README.md"
        needs = ", ".join(f"`{slug}`" for slug in lesson.needs)
        rows.append(f"| [{lesson.title}]({place}) | `{lesson.slug}` | {count} | {needs} |")
    head = ["| lesson | slug | exercises | builds on |", "|---|---|---|---|"]
    return "\n".join(["<!-- lessons -->", *head, *rows, "<!-- /lessons -->"])
