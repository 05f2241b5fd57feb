"""Pictures of calls and tokens over time, for light pages and dark ones.

Transparent, in colours halfway between white and black. Drawn without pyplot, because Jupyter's own
backend would put a white or a black box behind a transparent figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from course.fake_llm import Call, Event

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#7d7f85"
BLUE, RED, AMBER = "#2f80dd", "#e04848", "#c0741a"
WIDTH = 7.6  # inches
DOTS_PER_INCH = 100  # on the page; the file has twice as many


@dataclass(frozen=True)
class Reading:
    """What one client saw of a stream: when it asked, and when each token came."""

    prompt: str
    asked_at: float
    """`time.monotonic()`, as the times below."""
    arrived: Sequence[float]


@dataclass(frozen=True)
class Mark:
    """Something in a row of a picture, at one time or until another (`time.monotonic()`)."""

    row: str
    kind: str
    at: float
    until: float | None = None


class Picture:
    """A figure as the notebook shows it; its text is for those who cannot see it."""

    def __init__(self, figure: "Figure", text: str) -> None:
        self.figure = figure
        self.text = text

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        file = BytesIO()
        self.figure.savefig(file, format="png", transparent=True, dpi=2 * DOTS_PER_INCH)
        width, height = (round(size * DOTS_PER_INCH) for size in self.figure.get_size_inches())
        return file.getvalue(), {"width": width, "height": height}

    def __repr__(self) -> str:
        return self.text


def plot_calls(
    calls: Mapping[str, Sequence[Call]], rows: Literal["call", "connection"] = "call"
) -> Picture:
    """One panel for each list of calls: a bar from the arrival of each to its end.

    The rows are the calls in order of arrival, or the connections that they came on.
    """
    told, sizes = [], []
    for title, made in calls.items():
        count = len({call.connection for call in made}) if rows == "connection" else len(made)
        at_once = max((call.in_flight for call in made), default=0)
        lines = f", on {_count(count, rows)}" if rows == "connection" else f", {at_once} at once"
        told.append(f"{title}: {_count(len(made), 'call')}{lines}")
        sizes.append(count)
    figure, panels = _panels(told, [min(0.6 + 0.055 * size, 2.2) for size in sizes], f"{rows}s")
    for panel, made in zip(panels, calls.values(), strict=True):
        _draw_calls(panel, made, rows)
    kinds = {_kind(call) for made in calls.values() for call in made}
    if kinds - {"answered"}:
        _legend(figure, {kind: KINDS[kind] for kind in KINDS if kind in kinds})
    return Picture(figure, "\n".join(told))


# A colour, and a mark for its end.
KINDS = {
    "answered": (BLUE, "s"),
    "failed": (RED, "X"),
    "client left": (AMBER, "<"),
    "still open": (INK, ">"),
}


def _kind(call: Call) -> str:
    if call.outcome == "open":
        return "still open"
    if call.aborted:
        return "client left"
    return "answered" if call.outcome == "answered" and call.status == 200 else "failed"


def _draw_calls(panel: "Axes", calls: Sequence[Call], rows: str) -> None:
    zero = min((call.received_at for call in calls), default=0.0)
    now = max((call.ended_at or call.received_at for call in calls), default=0.0)
    keys = [call.connection if rows == "connection" else call.number for call in calls]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys), 1)}
    for key, call in zip(keys, calls, strict=True):
        begin, end = call.received_at - zero, (call.ended_at or now) - zero
        color, mark = KINDS[_kind(call)]
        panel.barh(places[key], end - begin, 0.7, begin, color=color, linewidth=0)
        if mark != "s":  # also seen when the call took no time
            panel.plot(end, places[key], mark, color=color, markersize=5, markeredgewidth=0)
    panel.set_ylim(len(places) + 0.7, 0.3)
    panel.set_yticks([1, len(places)] if len(places) > 1 else [1])


def plot_tokens(readings: Mapping[str, tuple[Sequence[Event], Sequence[Reading]]]) -> Picture:
    """One panel for each app, one row for each client: tokens as they left the LLM and arrived.

    The values are the LLM's events and what the clients read, each of which asked another prompt.
    """
    told = []
    for title, (_, read) in readings.items():
        waits = [f"{one.arrived[0] - one.asked_at:.1f}" for one in read if one.arrived]
        told.append(f"{title}: first tokens after {', '.join(sorted(waits))} s")
    figure, panels = _panels(told, [0.45 + 0.3 * len(read) for _, read in readings.values()])
    for panel, (events, read) in zip(panels, readings.values(), strict=True):
        _draw_tokens(panel, events, sorted(read, key=lambda one: tuple(one.arrived[:1])))
    _legend(figure, {"a token leaves the LLM": (AMBER, "|"), "its client has it": (BLUE, "o")})
    return Picture(figure, "\n".join(told))


def _draw_tokens(panel: "Axes", events: Sequence[Event], readings: Sequence[Reading]) -> None:
    zero = min((one.asked_at for one in readings), default=0.0)
    for place, one in enumerate(readings, 1):
        left = [
            event.at - zero
            for event in events
            if event.call.prompt == one.prompt and event.what.startswith("sent chunk")
        ]
        arrived = [at - zero for at in one.arrived]
        panel.hlines(place, one.asked_at - zero, max(arrived, default=0.0), INK, linewidth=0.8)
        panel.plot(
            left, [place - 0.24] * len(left), "|", color=AMBER, markersize=7, markeredgewidth=1.6
        )
        panel.plot(arrived, [place] * len(arrived), "o", color=BLUE, markersize=4.5)
    panel.set_ylim(len(readings) + 0.5, 0.4)
    panel.set_yticks(range(1, len(readings) + 1))
    panel.set_yticklabels([one.prompt for one in readings])


# A colour, and a mark for what took no time.
LOOKS = {"good": (BLUE, "o"), "fair": (AMBER, "D"), "bad": (RED, "X"), "idle": (INK, "s")}
ROWS_WITH_A_NAME = 8


def plot_marks(
    marks: Mapping[str, Sequence[Mark]],
    kinds: Mapping[str, Literal["good", "fair", "bad", "idle"]],
    *,
    rows: str = "",
    zero: Sequence[float] = (),
    event: str = "",
) -> Picture:
    """One panel for each list of marks, under its title; its rows in their order of appearance.

    `kinds` says how each kind looks, in the order of the legend. Time begins with the first mark,
    or at the panel's `zero`, where a line stands for the `event`.
    """
    sizes = [len({mark.row for mark in made}) for made in marks.values()]
    figure, panels = _panels(list(marks), [min(0.2 + 0.16 * size, 2.2) for size in sizes], rows)
    begins = zero or [min((mark.at for mark in made), default=0.0) for made in marks.values()]
    looks = {kind: LOOKS[look] for kind, look in kinds.items()}
    for panel, made, begin in zip(panels, marks.values(), begins, strict=True):
        if event:
            panel.axvline(0, color=INK, linewidth=0.8, linestyle="--")
        _draw_marks(panel, made, begin, looks)
    if event:
        panels[-1].set_xlabel(f"seconds since {event}", color=INK)
    _legend(figure, looks)
    return Picture(figure, "\n".join(marks))


def _draw_marks(
    panel: "Axes", marks: Sequence[Mark], zero: float, looks: Mapping[str, tuple[str, str]]
) -> None:
    rows = dict.fromkeys(mark.row for mark in marks)
    places = {row: place for place, row in enumerate(rows, 1)}
    for mark in marks:
        color, sign = looks[mark.kind]
        place, begin = places[mark.row], mark.at - zero
        if mark.until is None:
            panel.plot(begin, place, sign, color=color, markersize=4.5)
        else:
            panel.barh(place, mark.until - mark.at, 0.6, begin, color=color, linewidth=0)
    panel.set_ylim(len(places) + 0.6, 0.4)
    named = list(places)
    if len(named) > ROWS_WITH_A_NAME:
        named = [named[0], named[-1]]
    panel.set_yticks([places[row] for row in named])
    panel.set_yticklabels(named)


def _panels(
    titles: Sequence[str], heights: Sequence[float], what: str = ""
) -> "tuple[Figure, list[Axes]]":
    """Panels of those heights in inches, one below the other, with one axis of seconds."""
    from matplotlib.figure import Figure

    figure = Figure((WIDTH, sum(heights) + 0.42 * len(titles) + 0.6), layout="constrained")
    grid = figure.subplots(
        len(titles), sharex=True, squeeze=False, height_ratios=[height + 0.2 for height in heights]
    )
    panels: list[Axes] = list(grid[:, 0])
    for panel, title in zip(panels, titles, strict=True):
        panel.set_title(title, loc="left", color=INK, fontsize=11)
        panel.set_ylabel(what, color=INK)
        panel.tick_params(colors=INK, length=3)
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(INK)
    panels[-1].set_xlabel("seconds", color=INK)
    return figure, panels


def _legend(figure: "Figure", kinds: Mapping[str, tuple[str, str]]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=color, marker=marker, markeredgewidth=1.6, linestyle="", label=label)
        for label, (color, marker) in kinds.items()
    ]
    figure.legend(
        handles=handles,
        loc="outside upper right",
        ncols=len(handles),
        frameon=False,
        labelcolor=INK,
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
