"""`course dev check`: the course proves itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from course.catalog import CatalogError, Course, Lesson
from course.dev import disk, pairs, proof, prose
from course.dev.findings import Finding
from course.dev.proof import Bench, Memory
from course.dev.source import files_of, python_files, syntax_error
from course.dev.suites import function_of, read_suite
from course.dev.wrong_apps import WrongApp, WrongAppError, read_wrong_app, wrong_app_paths
from course.grading.grader import ColdRunner
from course.grading.runner_pool import MakeRunner, RunnerPool
from course.workspace import Workspace

AT_ONCE = 4  # checks, each of several workers


@dataclass(frozen=True)
class LessonReport:
    """What was found about one lesson.

    `caught` has the tests that caught each wrong app, `unsteady` what was found among other checks
    and not again alone.
    """

    lesson: Lesson
    findings: tuple[Finding, ...]
    caught: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsteady: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CourseReport:
    """What was found about the course as a whole, and about each lesson."""

    findings: tuple[Finding, ...]
    lessons: tuple[LessonReport, ...] = ()

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Everything, sorted by place."""
        own = [finding for report in self.lessons for finding in report.findings]
        return tuple(sorted({*self.findings, *own}))


def check_course(
    workspace: Workspace,
    slugs: Iterable[str] = (),
    make_runner: MakeRunner = ColdRunner,
    on_lesson: Callable[[LessonReport], None] = lambda _: None,
) -> CourseReport:
    """Check the lessons of those slugs, or the whole course; `on_lesson` hears of each when done.

    Raises `UnknownLesson` for a slug that is in no lesson.
    """
    try:
        course = workspace.course()
    except CatalogError as problem:
        return CourseReport((Finding("course.toml", _said_of_manifest(problem), "Correct it."),))
    chosen = [course.lesson(slug) for slug in slugs]
    memory = Memory.load(workspace.content)
    reports = []
    with RunnerPool(make_runner, AT_ONCE) as pool:
        bench = Bench(pool, memory, workspace.content)
        for lesson in chosen or course.lessons:
            reports.append(check_lesson(workspace, lesson, bench))
            memory.save()
            on_lesson(reports[-1])
    if not chosen:
        memory.save(forget_unused=True)
    found = () if chosen else tuple(course_findings(workspace, course))
    return CourseReport(found, tuple(reports))


def _said_of_manifest(problem: CatalogError) -> str:
    """The complaint without the path in front of it."""
    return str(problem).partition("course.toml: ")[2]


def course_findings(workspace: Workspace, course: Course) -> Iterator[Finding]:
    """What belongs to no single lesson: the order, stray files, the pages beside the lessons'."""
    yield from disk.course_findings(course, workspace.content)
    own = {workspace.page(lesson) for lesson in course.lessons}
    if not (workspace.content / "README.md").is_file():
        yield Finding("README.md", "The course lacks this file.", "Write it.")
    for path in prose.course_pages(workspace.content):
        if path not in own:
            yield from prose.page_findings(path, workspace, course)


def check_lesson(workspace: Workspace, lesson: Lesson, bench: Bench) -> LessonReport:
    """Everything about one lesson. Its apps are graded when it has them, and they can be read."""
    findings = list(disk.lesson_findings(lesson, workspace))
    starter = files_of(workspace.folder(lesson, "starter"))
    solution = files_of(workspace.folder(lesson, "solution"))
    if starter and solution:
        findings += pairs.compare(lesson, starter, solution)
        findings += pairs.open_tasks(lesson, starter)
        findings += pairs.sizes(lesson, solution)
    findings += prose.lesson_findings(lesson, workspace, starter, solution)
    if workspace.page(lesson).is_file():
        findings += prose.page_findings(workspace.page(lesson), workspace, workspace.course())
    tests = read_suite(workspace.suite(lesson))
    sources = [*python_files(starter).values(), *python_files(solution).values()]
    if not (tests and starter and solution) or any(map(syntax_error, sources)):
        return LessonReport(lesson, tuple(sorted(set(findings))))
    wrong_apps, unreadable = read_wrong_apps(workspace, lesson, solution)
    findings += unreadable
    findings += disk.coverage(lesson, tests, list(wrong_apps.values()))
    targets = list(proof.targets_of(lesson, workspace, starter, solution, wrong_apps))
    proved = bench.prove(lesson, workspace, targets)
    caught = {
        app.name: tuple(each.test for each in proved.results[where] if each.outcome == "failed")
        for where, app in wrong_apps.items()
    }
    unsteady = tuple(finding for found in proved.unsteady.values() for finding in found)
    return LessonReport(lesson, tuple(sorted({*findings, *proved.findings})), caught, unsteady)


def read_wrong_apps(
    workspace: Workspace, lesson: Lesson, solution: Mapping[str, bytes]
) -> tuple[dict[str, WrongApp], list[Finding]]:
    """The wrong apps of a lesson by path, and why others cannot be built."""
    tests = {test.name for test in read_suite(workspace.suite(lesson))}
    wrong_apps, findings = {}, []
    for path in wrong_app_paths(workspace.content / "tests/wrong" / lesson.slug):
        where = path.relative_to(workspace.content).as_posix()
        try:
            wrong_apps[where] = read_wrong_app(path, solution, tests)
        except WrongAppError as problem:
            findings.append(Finding(where, str(problem), "Correct the wrong app."))
    return wrong_apps, findings


def progress(report: LessonReport) -> str:
    """One line for a lesson that is done."""
    count = len(report.findings)
    return f"{report.lesson.slug}: {f'{count} to correct' if count else 'holds'}"


def matrix(report: LessonReport, tests: Iterable[str]) -> list[str]:
    """Which tests caught each wrong app, and which wrong apps each test caught, as lines."""
    lines = []
    for name, caught in report.caught.items():
        lines += [name, *(f"  {test}" for test in caught or ["nothing catches it"])]
    lines.append("")
    for test in tests:
        apps = [name for name, caught in report.caught.items() if test in map(function_of, caught)]
        lines += [test, *(f"  {name}" for name in apps or ["catches no wrong app"])]
    return lines
