"""A test drawn over time: one line a moment, one lane each for client, app and LLM.

Only the order is shown, and pauses one can feel, so that the drawing is the same on a slow machine.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from course.grading.verdict import Moment

LANES = ("client", "app", "LLM")
PAUSE_MS = 400  # a wait of half a second, measured as a little less
LONGEST_CYCLE = 8
NUMBERED = re.compile(r"(?P<stem>.*\D)(?P<number>\d{1,9})")
Wrap = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Row:
    """One line of the drawing; without a lane it is a remark between moments."""

    lane: str
    what: str


def says_more_than_the_answer(moments: Sequence[Moment]) -> bool:
    """A question and its answer need no drawing; a call to the LLM or a second question does."""
    return any(moment.lane != "client" for moment in moments) or len(moments) > 2


def draw(moments: Sequence[Moment], width: int, wrap: Wrap) -> list[str]:
    """The lines of the drawing; `wrap` breaks a label into lines of a width."""
    lanes = [lane for lane in LANES if any(moment.lane == lane for moment in moments)]
    step = 14 if width >= 60 else 9
    lines = ["".join(lane.ljust(step) for lane in lanes).rstrip()]
    for row in folded(counted(rows_of(moments))):
        place = lanes.index(row.lane) if row.lane else len(lanes) - 1
        labels = wrap(row.what, width - step * place - 3)
        for number, label in enumerate(labels):
            sign = ":" if not row.lane else "|" if number else ">"
            lines.append(_line(label, sign, place, len(lanes), step))
    return lines


def _line(label: str, sign: str, place: int, lanes: int, step: int) -> str:
    bar = ":" if sign == ":" else "|"
    line = bar.ljust(step) * place + f"{sign} {label}"
    for lane in range(place + 1, lanes):
        room = lane * step - cell_len(line)
        if room > 0:
            line += " " * room + bar
    return line


def rows_of(moments: Sequence[Moment]) -> list[Row]:
    """The moments in order, with a remark where nothing happened for a while."""
    rows: list[Row] = []
    before: int | None = None
    for moment in sorted(moments, key=lambda moment: moment.at_ms):
        if before is not None and moment.at_ms - before >= PAUSE_MS:
            rows.append(Row("", pause(moment.at_ms - before)))
        rows.append(Row(moment.lane, moment.what))
        before = moment.at_ms
    return rows


def pause(milliseconds: int) -> str:
    """`0.5 s later`, else whole seconds."""
    return "0.5 s later" if milliseconds < 750 else f"{(milliseconds + 500) // 1000} s later"


def counted(rows: list[Row]) -> list[Row]:
    """`sent chunk 1`, `sent chunk 2`, `sent chunk 3` in a row become `sent chunk 1 to 3`."""
    short: list[Row] = []
    start = 0
    while start < len(rows):
        row = rows[start]
        found = NUMBERED.fullmatch(row.what)
        end = start + 1
        if found is not None and row.lane:
            first = int(found["number"])
            while end < len(rows) and rows[end] == Row(
                row.lane, f"{found['stem']}{first + end - start}"
            ):
                end += 1
            if end - start >= 3:
                row = Row(row.lane, f"{row.what} to {first + end - start - 1}")
                start = end - 1
        short.append(row)
        start += 1
    return short


def folded(rows: list[Row]) -> list[Row]:
    """What happens three or more times in a row is drawn once, with a remark."""
    short: list[Row] = []
    start = 0
    while start < len(rows):
        size, times = cycle_at(rows, start)
        short += rows[start : start + size]
        if times > 1:
            what = "the same" if size == 1 else f"these {size} lines"
            short.append(Row("", f"{what} {times - 1} times more"))
        start += size * times
    return short


def cycle_at(rows: list[Row], start: int) -> tuple[int, int]:
    """Length and count of the cycle at `start`; (1, 1) when nothing repeats often enough."""
    best = (1, 1)
    for size in range(1, LONGEST_CYCLE + 1):
        block = rows[start : start + size]
        times = 1
        while rows[start + size * times : start + size * (times + 1)] == block:
            times += 1
        if times >= 3 and size * times > best[0] * best[1]:
            best = (size, times)
    return best
