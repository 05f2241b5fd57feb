"""The list of exercises filling in while a check runs; plain lines in a pipe."""

from types import TracebackType

from rich.console import Console, Group
from rich.live import Live

from course.catalog import Lesson
from course.grading.verdict import TestVerdict, Verdict
from course.reporting.page import Page, columns, plural, redraws
from course.reporting.terminal import STYLES, WORDS
from course.reporting.texts import spoken


class LiveCheck:
    """Call `start`, `test` for each result, then `finish`, which takes the list away again.

    It is redrawn only when a test ends. As a context manager it always gives the screen back.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lesson: Lesson | None = None
        self._outcomes: dict[str, list[TestVerdict]] = {}
        self._live: Live | None = None

    def start(self, lesson: Lesson) -> None:
        """A check begins; one that was still shown is given up."""
        self.stop()
        self._lesson = lesson
        self._outcomes = {exercise.slug: [] for exercise in lesson.exercises}
        if redraws(self._console):
            self._live = Live(
                self._list(lesson),
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            page = Page(self._console)
            page.put(f"{lesson.slug} · checking")
            page.show()

    def test(self, exercise_slug: str, test: TestVerdict) -> None:
        """A test has ended."""
        self._outcomes.setdefault(exercise_slug, []).append(test)
        if self._live is not None and self._lesson is not None:
            self._live.update(self._list(self._lesson), refresh=True)
        elif not redraws(self._console):
            page = Page(self._console)
            page.entry(
                [(WORDS[test.outcome].ljust(9), "")], f"{exercise_slug}: {spoken(test.name)}"
            )
            page.show()

    def finish(self, verdict: Verdict) -> None:
        """The check is over; in a pipe a line sums it up."""
        self.stop()
        if not redraws(self._console):
            page = Page(self._console)
            points = f"{verdict.points} of {plural(verdict.max_points, 'point')}"
            page.put(f"{verdict.lesson} · {verdict.outcome}, {points}")
            page.show()

    def stop(self) -> None:
        """Give the screen back; nothing happens when no list is shown."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __enter__(self) -> "LiveCheck":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _list(self, lesson: Lesson) -> Group:
        page = Page(self._console)
        page.put(f"{lesson.slug} · checking", 0, "bold")
        page.blank()
        slugs = columns([exercise.slug for exercise in lesson.exercises])
        for exercise in lesson.exercises:
            tests = self._outcomes[exercise.slug]
            page.entry([(exercise.slug.ljust(slugs), "bold")], _tally(tests), 2, _style(tests))
        return Group(*page.lines)


def _tally(tests: list[TestVerdict]) -> str:
    """`3 passed, 1 failed`."""
    counts = {word: sum(t.outcome == outcome for t in tests) for outcome, word in WORDS.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _style(tests: list[TestVerdict]) -> str:
    """The colour of the worst outcome so far."""
    outcomes = {test.outcome for test in tests}
    for outcome in ("error", "failed", "not_run", "passed"):
        if outcome in outcomes:
            return STYLES[outcome]
    return ""
