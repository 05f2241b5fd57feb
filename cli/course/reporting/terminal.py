"""The screens of the tool: where you are, what a check found out, and what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console

from course.grading.verdict import ExerciseVerdict, Moment, TestVerdict, Verdict
from course.reporting import timeline
from course.reporting.page import Page, columns, make_console, plural
from course.reporting.texts import Message, printed_lines, shortened, spoken

__all__ = ["Standing", "make_console", "show_all", "show_course", "show_verdict"]

Detail = Literal["first", "all"]
State = Literal["passed", "started", "not started"]

WORDS = {"passed": "passed", "failed": "failed", "error": "error", "not_run": "not run"}
STYLES = {"passed": "green", "failed": "bold red", "error": "bold magenta", "not_run": "yellow"}
STATE_STYLES = {"passed": "green", "started": "yellow", "not started": "dim"}
THE_COURSES_OWN = ("solution", "starter")

MESSAGE_SHOWN = 1600  # characters
OTHERS_SHOWN = 3  # failed tests of the exercise that is shown in full
LINE_SHOWN = 240
BODY_LINES = 8
PRINTED_LINES = 12
ERROR_LINES = 20
# Headers that say something and are the same each time.
HEADERS_SHOWN = (
    "authorization",
    "x-tenant-id",
    "idempotency-key",
    "content-type",
    "retry-after",
    "www-authenticate",
    "cache-control",
    "x-accel-buffering",
    "x-cache",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
)


@dataclass(frozen=True)
class Standing:
    """How far one lesson is; `current` marks the one to go on with."""

    lesson: str
    title: str
    points: int
    max_points: int
    state: State
    current: bool = False


def show_verdict(
    verdict: Verdict,
    console: Console,
    *,
    next_step: str,
    compare: str = "",
    detail: Detail = "first",
) -> None:
    """What a check found out. `next_step` is a command, and `compare` the one for the solution.

    `detail="all"` shows every failure in full, "first" the first one alone, and after a pass none:
    what failed then is stretch.
    """
    page = Page(console)
    _heading(page, verdict)
    reason = _common_reason(verdict.exercises)
    if reason is not None:
        _block(page, reason)
        _names(page, verdict.exercises)
    else:
        in_full = _in_full(verdict, detail)
        list_exercises(page, verdict.exercises, in_full)
        for exercise in in_full:
            page.blank()
            page.put(exercise.slug, 2, "bold")
            _block(page, _deciding(exercise), _others(exercise))
    _closing(page, verdict, next_step, compare)
    page.show()


def show_all(verdicts: Sequence[Verdict], console: Console, *, next_step: str = "") -> None:
    """A line for each lesson, and the sum."""
    page = Page(console)
    points, most = sum(v.points for v in verdicts), sum(v.max_points for v in verdicts)
    page.put(f"{plural(len(verdicts), 'lesson')} · {points} of {plural(most, 'point')}", 0, "bold")
    page.blank()
    width = columns([verdict.lesson for verdict in verdicts])
    outcomes = columns([verdict.outcome for verdict in verdicts])
    counts = columns([f"{verdict.points} of {verdict.max_points}" for verdict in verdicts])
    for verdict in verdicts:
        missing = [e.slug for e in verdict.exercises if e.outcome != "passed" and not e.stretch]
        cells = [
            (verdict.outcome.ljust(outcomes), STYLES[verdict.outcome]),
            (verdict.lesson.ljust(width), "bold"),
            (f"{verdict.points} of {verdict.max_points}".ljust(counts), ""),
        ]
        page.entry(cells, ", ".join(missing))
    if any(verdict.outcome == "error" for verdict in verdicts):
        page.blank()
        page.put("An error is the course's own fault; check that lesson alone to read it.", 2)
    _next(page, next_step)
    page.show()


def show_course(standings: Sequence[Standing], console: Console, *, next_step: str) -> None:
    """Where you are: every lesson, its points, and the next step."""
    page = Page(console)
    points, most = sum(s.points for s in standings), sum(s.max_points for s in standings)
    page.put(f"course · {points} of {plural(most, 'point')}", 0, "bold")
    page.blank()
    states = columns([standing.state for standing in standings])
    lessons = columns([standing.lesson for standing in standings])
    counts = columns([f"{s.points} of {s.max_points}" for s in standings])
    for standing in standings:
        cells = [
            ("> " if standing.current else "  ", "bold"),
            (standing.state.ljust(states), STATE_STYLES[standing.state]),
            (standing.lesson.ljust(lessons), "bold"),
            (f"{standing.points} of {standing.max_points}".ljust(counts), ""),
        ]
        page.entry(cells, standing.title, indent=0)
    _next(page, next_step)
    page.show()


def show_hints(
    exercise: str, shown: Sequence[str], left: int, console: Console, *, next_step: str
) -> None:
    """The hints of an exercise that one has asked for, the newest last; `left` are to come."""
    page = Page(console)
    for number, text in enumerate(shown, 1):
        page.put(f"{exercise}: hint {number} of {len(shown) + left}", 0, "bold")
        page.blank()
        page.put(text)
        page.blank()
    page.raw(f"next: {next_step}" if left else "That was the last hint.", 0, "bold")
    page.show()


def list_exercises(
    page: Page, exercises: Sequence[ExerciseVerdict], in_full: Sequence[ExerciseVerdict] = ()
) -> None:
    """A line for each exercise, its sentence below unless it is shown in full; stretch apart."""
    said: dict[str, str] = {}
    words = columns([WORDS[exercise.outcome] for exercise in exercises])
    slugs = columns([exercise.slug for exercise in exercises])
    for stretch in (False, True):
        group = [exercise for exercise in exercises if exercise.stretch == stretch]
        if stretch and group:
            page.blank()
            page.put("stretch", 2, "dim")
        for exercise in group:
            cells = [
                (WORDS[exercise.outcome].ljust(words), STYLES[exercise.outcome]),
                (exercise.slug.ljust(slugs), "bold"),
            ]
            page.entry(cells, exercise.title)
            if exercise.outcome != "passed" and exercise not in in_full:
                _sentence(page, exercise, said, 2 + words if page.width >= 60 else 8)


def _heading(page: Page, verdict: Verdict) -> None:
    parts = [verdict.lesson]
    if verdict.target not in ("", "work"):
        parts.append(verdict.target)
    if verdict.outcome == "error":
        parts.append("could not be graded")
    else:
        core = [exercise for exercise in verdict.exercises if not exercise.stretch]
        passed = sum(exercise.outcome == "passed" for exercise in core)
        held = f"{passed} of {plural(len(core), 'exercise')}"
        parts.append(f"{held}, {plural(verdict.points, 'point')}")
    page.put(" · ".join(parts), 0, "bold")
    page.blank()


def _common_reason(exercises: Sequence[ExerciseVerdict]) -> TestVerdict | None:
    """What ended the check for all exercises alike, such as an app that does not start."""
    last = [exercise.tests[-1] for exercise in exercises]
    same = {(test.name, test.outcome, test.message) for test in last}
    if len(same) != 1 or last[0].outcome == "passed" or last[0].evidence.sent is not None:
        return None
    return last[0]


def _in_full(verdict: Verdict, detail: Detail) -> list[ExerciseVerdict]:
    wrong = [e for e in verdict.exercises if e.outcome in ("failed", "error")]
    if detail == "all":
        return wrong
    if verdict.outcome == "error":
        wrong = [exercise for exercise in wrong if exercise.outcome == "error"]
    return [] if verdict.outcome == "passed" else wrong[:1]


def _deciding(exercise: ExerciseVerdict) -> TestVerdict:
    """The first test that has the exercise's outcome."""
    return next(test for test in exercise.tests if test.outcome == exercise.outcome)


def _others(exercise: ExerciseVerdict) -> list[str]:
    """The other failed tests of the exercise: their names are sentences. A few say enough."""
    failed = [test.name for test in exercise.tests if test.outcome == "failed"][1:]
    left_out = len(failed) - OTHERS_SHOWN
    more = [f"and {left_out} more"] if left_out > 1 else []
    return [spoken(name) for name in failed[: OTHERS_SHOWN if more else None]] + more


def _sentence(page: Page, exercise: ExerciseVerdict, said: dict[str, str], indent: int) -> None:
    """In the list: the sentence, or all of it for what could not run, which holds the remedy.

    `said` has the slug that a text was said for.
    """
    message = Message.read(_deciding(exercise).message)
    lines = [message.sentence, *(message.more if exercise.outcome == "not_run" else ())]
    text = "\n".join(lines)
    first = said.setdefault(text, exercise.slug)
    if text:
        known = first != exercise.slug
        page.put(
            f"For the same reason as {first}." if known else shortened(text, MESSAGE_SHOWN), indent
        )


def _names(page: Page, exercises: Sequence[ExerciseVerdict]) -> None:
    """The exercises in short: what became of them, and their slugs."""
    page.blank()
    for outcome, word in WORDS.items():
        slugs = [
            f"{exercise.slug} (stretch)" if exercise.stretch else exercise.slug
            for exercise in exercises
            if exercise.outcome == outcome
        ]
        if slugs:
            page.entry([(f"{word}  ", STYLES[outcome])], ", ".join(slugs))


def _block(page: Page, test: TestVerdict, others: Sequence[str] = ()) -> None:
    """One failure in full, from what happened to the place to read on."""
    page.blank()
    if test.outcome == "error":
        _tail(page, test.message.rstrip("\n").split("\n"), ERROR_LINES, 4)
        return
    message = Message.read(test.message)
    page.put(shortened("\n".join([message.sentence, *message.more]), MESSAGE_SHOWN), 4)
    if others:
        page.put(f"Nor does this hold: {'; '.join(others)}.", 4)
    _exchange(page, test)
    if timeline.says_more_than_the_answer(test.evidence.timeline):
        page.blank()
        _timeline(page, test.evidence.timeline)
    _printed(page, test.printed)
    if message.place:
        page.blank()
        page.put(message.idea, 4, "bold")
        page.raw(message.place, 4, "cyan")


def _exchange(page: Page, test: TestVerdict) -> None:
    """The last request and its answer."""
    sent, received = test.evidence.sent, test.evidence.received
    if sent is None:
        return
    page.blank()
    label = "last sent" if _requests(test.evidence.timeline) > 1 else "sent"
    width = columns([label, "came back"])
    _half(page, label.ljust(width), f"{sent['method']} {sent['path']}", sent)
    if received is None:
        page.entry([("came back".ljust(width), "dim")], "nothing", 4)
    else:
        empty = "" if received["body"] else ", no body"
        _half(page, "came back".ljust(width), f"{received['status']}{empty}", received)


def _requests(moments: Sequence[Moment]) -> int:
    """How many requests the client sent: moments such as `POST /query`."""
    words = [moment.what.split(" ") for moment in moments if moment.lane == "client"]
    return sum(len(word) == 2 and word[0].isupper() and word[1][:1] == "/" for word in words)


def _half(page: Page, label: str, first: str, message: Mapping[str, Any]) -> None:
    page.entry([(label, "dim")], shortened(first, LINE_SHOWN), 4)
    indent = 4 + len(label)
    for name in HEADERS_SHOWN:
        value = message["headers"].get(name)
        if value is not None and (name, value) != ("content-type", "application/json"):
            page.put(shortened(f"{name}: {value}", LINE_SHOWN), indent)
    if message["body"]:
        lines = page.wrapped(message["body"].rstrip("\n"), page.width - indent)
        for line in lines[:BODY_LINES]:
            page.raw(line, indent)
        if len(lines) > BODY_LINES:
            rest = sum(len(line) for line in lines[BODY_LINES:])
            page.put(f"… ({plural(rest, 'more character')})", indent, "dim")


def _timeline(page: Page, moments: Sequence[Moment]) -> None:
    header, *rows = timeline.draw(moments, page.width - 4, page.wrapped)
    page.raw(header, 4, "dim")
    for row in rows:
        page.raw(row, 4)


def _printed(page: Page, printed: str) -> None:
    lines = printed_lines(printed)
    if lines:
        page.blank()
        page.put("The app printed meanwhile:", 4, "dim")
        _tail(page, lines, PRINTED_LINES, 6)


def _tail(page: Page, lines: Sequence[str], most: int, indent: int) -> None:
    """The end of what was printed, and how much there was before."""
    if len(lines) > most:
        page.put(f"… ({plural(len(lines) - most, 'line')} before)", indent, "dim")
    for line in lines[-most:]:
        marks_a_wrapped_line = set(line.strip()) <= {"^", "~"} and len(line) > page.width - indent
        if not marks_a_wrapped_line:
            page.put(shortened(line, LINE_SHOWN), indent)


def _closing(page: Page, verdict: Verdict, next_step: str, compare: str) -> None:
    page.blank()
    if verdict.outcome == "error":
        page.put(
            "This is a fault of the course, not of your app: please report it with the text above.",
            2,
        )
    elif verdict.outcome == "passed" and verdict.target not in THE_COURSES_OWN:
        left = [e.slug for e in verdict.exercises if e.stretch and e.outcome != "passed"]
        if left:
            page.put(f"Left, if you like: {', '.join(left)} (stretch, no points).", 2)
        if compare not in ("", next_step):
            page.put("To compare with another way of doing it:", 2)
            page.raw(compare, 4, "bold")
    _next(page, next_step)


def _next(page: Page, next_step: str) -> None:
    if next_step:
        page.blank()
        page.raw(f"next: {next_step}", 2, "bold")
