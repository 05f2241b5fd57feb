"""The prose holds: headings, excerpts, tables, links, commands, hints, and where tests point to."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from course.catalog import Course, Lesson
from course.dev import pages
from course.dev.commands import commands_in, problem_with
from course.dev.findings import Finding
from course.dev.pages import Code, Page, read_page
from course.dev.source import definition, python_files
from course.dev.suites import read_suite
from course.workspace import Workspace

SECTIONS = (
    "The naive version",
    "What is going wrong",
    "Step by step",
    "Exercises",
    "Check yourself",
    "In production",
    "Stretch",
    "Further reading",
)
ELSEWHERE = ("http://", "https://", "mailto:")
LONG_LINE = 60  # a hint must not hold a line of the solution that is longer


def course_pages(root: Path) -> list[Path]:
    """Every page that is checked and written: README and its like, the lessons', the tool's."""
    return sorted([*root.glob("*.md"), *root.glob("lessons/*/*.md"), *root.glob("cli/**/*.md")])


def page_findings(path: Path, workspace: Workspace, course: Course) -> Iterator[Finding]:
    """Excerpts, tables, links and commands of one page."""
    root = workspace.content
    where = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    page = read_page(text)
    lesson = next((each for each in course.lessons if workspace.page(each) == path), None)
    try:
        parts = pages.written_parts(text, root, course, lesson)
    except pages.ExcerptError as problem:
        yield Finding(where, str(problem), "Correct the excerpt's marker.")
    else:
        for part in parts:
            if text[part.start : part.end] != part.wanted:
                line = pages.line_of(text, part.start)
                yield Finding(
                    f"{where}:{line}", f"{part.what} is out of date.", "Run `course dev sync`."
                )
    yield from _answers_shown(where, text, root)
    yield from _links(where, path, page, root)
    for line, what in _refused_commands(page.code):
        yield Finding(f"{where}:{line}", what, "Correct the command.")
    for number, sentence in page.prose:
        if "TODO:" in sentence:
            yield Finding(f"{where}:{number}", "This text is still to be written.", "Write it.")
    if path == root / "README.md" and not pages.table(text, "lessons"):
        yield Finding(
            where,
            "It has no table of lessons.",
            "Add <!-- lessons --> and <!-- /lessons -->, then run `course dev sync`.",
        )


def _answers_shown(where: str, text: str, root: Path) -> Iterator[Finding]:
    """Excerpts of a solution show given code only: what the starter has, too."""
    for line, path, name in pages.excerpts(text):
        folder, _, rest = path.partition("/")
        if folder != "solutions":
            continue
        starter = root / "starter" / rest
        given = starter.read_text(encoding="utf-8") if starter.is_file() else ""
        if name:
            try:
                found = definition(given, name)
            except SyntaxError:
                continue
            given = found.text if found else ""
        if not given or "TODO(" in given:
            yield Finding(
                f"{where}:{line}",
                f"The excerpt of {path}{f'#{name}' if name else ''} shows an answer.",
                "Show the idea on a smaller example in the lesson's examples/.",
            )


def _links(where: str, path: Path, page: Page, root: Path) -> Iterator[Finding]:
    for line, link in page.links:
        if link.startswith(ELSEWHERE):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.is_relative_to(root.resolve()):
            yield Finding(
                f"{where}:{line}", f"The link {link} leaves the project.", "Link to a file in it."
            )
        elif not target.exists():
            yield Finding(f"{where}:{line}", f"The link {link} leads nowhere.", "Correct it.")
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target, path, page):
            yield Finding(
                f"{where}:{line}",
                f"The link {link} names a heading that is not there.",
                "Correct it.",
            )


def _anchors(target: Path, path: Path, page: Page) -> frozenset[str]:
    return page.anchors if target == path else read_page(target.read_text(encoding="utf-8")).anchors


def _refused_commands(code: Iterable[Code]) -> Iterator[tuple[int, str]]:
    """Line and reason of each command that the command line does not take."""
    for piece in code:
        for line, words in commands_in(piece):
            if problem := problem_with(words):
                yield line, f"`{' '.join(['course', *words])}` would be refused: {problem}"


def lesson_findings(
    lesson: Lesson,
    workspace: Workspace,
    starter: Mapping[str, bytes],
    solution: Mapping[str, bytes],
) -> Iterator[Finding]:
    """What is asked of a lesson's own page and hints."""
    path = workspace.page(lesson)
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        yield from _headings(lesson, workspace.shown_page(lesson), text)
        yield from _looks(lesson, workspace, read_page(text))
    given = "".join(python_files(starter).values())
    lines = {
        " ".join(line.split())
        for source in python_files(solution).values()
        for line in source.splitlines()
        if len(line.strip()) > LONG_LINE and line not in given
    }
    for exercise in lesson.exercises:
        where = f"course.toml, {lesson.slug}.{exercise.slug}"
        for number, hint in enumerate(exercise.hints, 1):
            flat = " ".join(hint.split())
            if any(line in flat for line in lines):
                yield Finding(
                    where, f"Hint {number} holds a line of the solution.", "Say it in words."
                )
            if "TODO:" in hint:
                yield Finding(where, f"Hint {number} is still to be written.", "Write it.")
            for _, what in _refused_commands(read_page(hint).code):
                yield Finding(where, f"Hint {number}: {what}", "Correct the command.")


def _headings(lesson: Lesson, where: str, text: str) -> Iterator[Finding]:
    page = read_page(text)
    titles = [heading.text for heading in page.headings if heading.level == 1]
    if titles != [lesson.title]:
        yield Finding(where, f"Its title is not {lesson.title!r}.", "Use the title of course.toml.")
    sections = [heading.text for heading in page.headings if heading.level == 2]
    if sections != list(SECTIONS):
        at = next(
            (
                n
                for n, (has, wanted) in enumerate(zip(sections, SECTIONS, strict=False))
                if has != wanted
            ),
            min(len(sections), len(SECTIONS)),
        )
        has = f"`## {sections[at]}`" if at < len(sections) else "nothing"
        wanted = f"`## {SECTIONS[at]}`" if at < len(SECTIONS) else "no further section"
        yield Finding(
            where, f"It has {has} where {wanted} belongs.", "All lessons have the same sections."
        )
    else:
        start = text.index("\n## Step by step")
        if "\n### " not in text[start : text.index("\n## Exercises")]:
            yield Finding(
                where, "`## Step by step` has no `###` steps.", "Give each idea a heading."
            )
    if not pages.table(text, "exercises"):
        yield Finding(
            where,
            "It has no table of exercises.",
            "Add <!-- exercises --> and <!-- /exercises -->, then run `course dev sync`.",
        )


def _looks(lesson: Lesson, workspace: Workspace, page: Page) -> Iterator[Finding]:
    suite = workspace.suite(lesson)
    where = suite.relative_to(workspace.content).as_posix()
    for test in read_suite(suite):
        if test.look and test.look not in page.anchors:
            yield Finding(
                f"{where}:{test.line}",
                f"{test.name} points to #{test.look}, and the lesson's page has no such heading.",
                "Name a heading of the page.",
            )
