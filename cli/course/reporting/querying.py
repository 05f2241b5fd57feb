"""The screens of `course query`: an answer as it comes, many answers as a table that fills in."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from course.reporting.page import Page, columns, plural, redraws
from course.reporting.texts import shortened
from course.serving.answers import Answer, Figures, Times

HEADERS_SHOWN = (
    "x-request-id",
    "x-cache",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "www-authenticate",
)
BODY_SHOWN = 4000  # characters
OTHER_ROUTES = "(--stream asks POST /stream, and --batch FILE asks POST /batch-query.)"
LINE_SHOWN = 400
A_DAY_SECONDS = 86_400
ROWS_LEFT = 20  # of a longer table, once it is complete
FRAME_SECONDS = 0.1
WIDTHS = {
    "#": 5,
    "status": 11,
    "cache": 8,
    "left": 6,
    "retry after": 13,
    "first token": 13,
    "total": 8,
}


class Watcher:
    """Is told what comes back while it comes. This one shows nothing."""

    def begin(self, answer: Answer) -> None:
        """Status and headers are there."""

    def take(self, text: str) -> None:
        """An event of a stream has brought text."""

    def end(self, answer: Answer) -> None:
        """An answer is over."""

    def finish(self, figures: Figures, stopped: bool) -> None:
        """All answers are over, or Ctrl-C has stopped the asking."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


class OneAnswer(Watcher):
    """One answer in full; the text of a stream word by word."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._inside_line = False

    def begin(self, answer: Answer) -> None:
        if answer.streamed:
            page = Page(self._console)
            head(page, answer)
            page.show()
            self._console.print()

    def take(self, text: str) -> None:
        spelled = Page(self._console).spelled(text)
        self._console.file.write(spelled)
        self._console.file.flush()
        self._inside_line = not spelled.endswith("\n") if spelled else self._inside_line

    def end(self, answer: Answer) -> None:
        page = Page(self._console)
        if answer.streamed:
            self._end_line()
            ending(page, answer)
        else:
            if answer.status is not None:
                head(page, answer)
                page.blank()
                for line in body_lines(answer.body):
                    page.put(shortened(line, BODY_SHOWN))
            if answer.status == 404:
                page.put(OTHER_ROUTES)
            if answer.problem:
                page.put(answer.problem, 0, "bold red")
            page.blank()
            page.put(seconds(answer.total_seconds), 0, "dim")
        page.show()

    def finish(self, figures: Figures, stopped: bool) -> None:  # noqa: ARG002 - one has no figures
        if stopped:
            self._end_line()
            page = Page(self._console)
            page.put("Stopped by Ctrl-C.")
            page.show()

    def _end_line(self) -> None:
        if self._inside_line:
            self._console.file.write("\n")
            self._inside_line = False


class ManyAnswers(Watcher):
    """A row for each answer as it comes, figures at the end; a terminal shows the latest rows."""

    def __init__(self, console: Console, times: int) -> None:
        self._console = console
        self._times = times
        self._answers: list[Answer] = []
        self._live: Live | None = None
        self._drawn_at = 0.0
        self._is_open = False

    def begin(self, answer: Answer) -> None:  # noqa: ARG002 - the first to come opens the table
        if self._is_open:
            return
        self._is_open = True
        if redraws(self._console):
            self._live = Live(
                Group(*self._so_far().lines),
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            self._table([]).show()

    def end(self, answer: Answer) -> None:
        self.begin(answer)
        self._answers.append(answer)
        if not redraws(self._console):
            page = Page(self._console)
            row(page, answer)
            page.show()
        elif self._live is not None and time.monotonic() - self._drawn_at > FRAME_SECONDS:
            self._live.update(Group(*self._so_far().lines), refresh=True)
            self._drawn_at = time.monotonic()

    def finish(self, figures: Figures, stopped: bool) -> None:
        self._stop()
        if redraws(self._console):
            before = len(self._answers) - ROWS_LEFT
            page = self._table(self._answers[-ROWS_LEFT:])
            if before > 0:
                page.put(f"(and {before} before)", 2, "dim")
            page.show()
        self._console.print()
        page = Page(self._console)
        if stopped:
            page.put(f"Stopped by Ctrl-C after {len(self._answers)} of {self._times}.", 0, "bold")
        summary(page, figures)
        page.show()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _so_far(self) -> Page:
        """What fits on the terminal: the latest rows, and how many have come."""
        page = self._table(self._answers[-max(3, self._console.height - 4) :])
        page.blank()
        page.put(f"{len(self._answers)} of {self._times}", 2, "dim")
        return page

    def _table(self, answers: Sequence[Answer]) -> Page:
        page = Page(self._console)
        put_row(page, {name: (name, "dim") for name in WIDTHS})
        for answer in answers:
            row(page, answer)
        return page


def row(page: Page, answer: Answer) -> None:
    """An answer as a row of the table."""
    header = answer.headers.get
    first = answer.first_token_seconds
    retry_after = "" if answer.good else header("retry-after", "")  # slowapi sends it on a 200, too
    cells = {
        "#": (str(answer.number), "dim"),
        "status": (answer.outcome, style(answer)),
        "cache": (header("x-cache", ""), "bold" if header("x-cache") == "HIT" else ""),
        "left": (header("x-ratelimit-remaining", ""), ""),
        "retry after": (f"{retry_after} s" if retry_after.isdigit() else retry_after, ""),
        "first token": ("" if first is None else seconds(first), ""),
        "total": (seconds(answer.total_seconds), ""),
    }
    put_row(page, cells)


def put_row(page: Page, cells: Mapping[str, tuple[str, str]]) -> None:
    """A line of cells (text and style) in columns; what is too long is cut."""
    line = Text("  ")
    for name, width in WIDTHS.items():
        text, words = cells[name]
        text = page.spelled(text if len(text) < width else text[: width - 4] + "...")
        line.append(text[: width - 1].ljust(width), words)
    line.rstrip()
    page.lines.append(line)


def summary(page: Page, figures: Figures) -> None:
    """The figures below the table."""
    rate = f", {figures.per_second:.1f} a second" if figures.count > 1 else ""
    page.put(f"{plural(figures.count, 'answer')} in {figures.seconds:.2f} s{rate}", 0, "bold")
    lines = {"status": tally(figures.by_outcome), "cache": tally(figures.by_cache)}
    for name, times in (("first token", figures.first_token), ("total", figures.total)):
        lines[name] = spread(times) if times is not None else ""
    width = columns(list(lines))
    for name, text in lines.items():
        if text:
            page.entry([(name.ljust(width), "dim")], text)


def tally(counts: Mapping[str, int]) -> str:
    """`200: 10, 429: 2`."""
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


def spread(times: Times) -> str:
    return (
        f"median {seconds(times.median)}, p95 {seconds(times.p95)}, "
        f"longest {seconds(times.longest)}"
    )


def style(answer: Answer) -> str:
    if answer.good:
        return "green"
    return "yellow" if answer.status == 429 else "bold red"


def seconds(value: float) -> str:
    """Two digits after the point, three for what is shorter than a tenth."""
    return f"{value:.2f} s" if value >= 0.1 else f"{value:.3f} s"


def head(page: Page, answer: Answer) -> None:
    """The status in figures and words, and the headers that say something."""
    assert answer.status is not None
    page.put(f"{answer.status} {phrase(answer.status)}".rstrip(), 0, style_of_status(answer.status))
    shown = [name for name in HEADERS_SHOWN if name in answer.headers]
    width = columns(shown)
    for name in shown:
        text = shortened(answer.headers[name], LINE_SHOWN)
        if name == "x-ratelimit-reset":
            text += from_now(text)
        page.entry([(name.ljust(width), "dim")], text)


def from_now(reset: str) -> str:
    """` (in 51 s)` beside seconds since 1970, as slowapi writes them; nothing beside others."""
    try:
        left = float(reset) - time.time()
    except ValueError:
        return ""
    return f" (in {left:.0f} s)" if abs(left) < A_DAY_SECONDS else ""


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def style_of_status(status: int) -> str:
    return "bold green" if 200 <= status < 300 else "bold yellow" if status == 429 else "bold red"


def ending(page: Page, answer: Answer) -> None:
    """What a stream said last, and its times."""
    page.lines.append(Text())
    for event in answer.events:
        data = event.data if isinstance(event.data, str) else compact(event.data)
        words = "bold red" if event.name == "error" else "dim"
        page.entry([(f"{event.name}  ", words)], shortened(data, LINE_SHOWN), indent=0)
    if answer.problem or (not answer.good and answer.event("error") is None):
        page.put(
            answer.problem or "The stream ended without `done`: it was cut off.", 0, "bold red"
        )
    first = answer.first_token_seconds
    came = f"first token {seconds(first)}, " if first is not None else ""
    pieces = f", {plural(answer.pieces, 'piece')}"
    page.put(f"{came}total {seconds(answer.total_seconds)}{pieces}", 0, "dim")


def body_lines(body: Any) -> list[str]:
    """A body for people: an answer, the items of a batch, a failure; else the JSON or the text."""
    if isinstance(body, dict) and isinstance(body.get("response"), str):
        rest = {name: value for name, value in body.items() if name != "response"}
        return [body["response"], "", *members(rest)]
    if isinstance(body, list) and body and all(is_item(item) for item in body):
        return [line for number, item in enumerate(body, 1) for line in item_lines(number, item)]
    if isinstance(body, dict) and ("detail" in body or "title" in body):
        return failure_lines(body)
    if isinstance(body, str):
        return body.splitlines()
    return json.dumps(body, indent=2, ensure_ascii=False).splitlines()


def is_item(item: Any) -> bool:
    return isinstance(item, dict) and "query" in item and ("response" in item or "error" in item)


def item_lines(number: int, item: dict[str, Any]) -> Iterator[str]:
    """One item of a batch: the question, then the answer or why there is none."""
    yield f"{number}  {item['query']}"
    yield f"error: {item['error']}" if item.get("error") else str(item.get("response"))
    if item.get("tokens_used") is not None:
        yield f"tokens_used {item['tokens_used']}"
    yield ""


def failure_lines(body: dict[str, Any]) -> list[str]:
    """A failure: FastAPI's `detail`, or a problem as in RFC 9457."""
    lines = [str(body["title"])] if "title" in body else []
    detail = body.get("detail")
    if isinstance(detail, list):
        lines += [validation_line(error) for error in detail]
    elif detail is not None:
        lines.append(detail if isinstance(detail, str) else compact(detail))
    rest = {name: v for name, v in body.items() if name not in ("title", "detail", "status")}
    return [*lines, *([""] if rest else []), *members(rest)]


def validation_line(error: Any) -> str:
    """`body.query: Field required`."""
    if not isinstance(error, dict) or "msg" not in error:
        return compact(error)
    place = error.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    return f"{where}: {error['msg']}" if where else str(error["msg"])


def members(table: Mapping[str, Any]) -> list[str]:
    """A line for each member of an object."""
    return [f"{n}: {v if isinstance(v, str) else compact(v)}" for n, v in table.items()]


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
