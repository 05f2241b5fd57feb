"""Lines of a screen: wrapped, indented, and spelled so that every terminal can show them."""

import codecs
import os
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from course.reporting.texts import visible

WIDTH_IN_A_PIPE = 80
NARROWEST, WIDEST = 40, 100
NARROW_COLUMN = 24
PLAIN_FORMS = (
    {"·": "-", "…": "...", "→": "->", "—": "-", "–": "-", "×": "x"}
    | dict.fromkeys("‘’", "'")
    | dict.fromkeys("“”", '"')
)


def make_console(stderr: bool = False) -> Console:
    """The console for standard output (or error).

    No colour with NO_COLOR or in a pipe, and never an encoding error.
    """
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    terminal = stream.isatty()
    return Console(
        file=stream,
        force_terminal=terminal,
        force_jupyter=False,
        color_system="auto" if terminal and not os.environ.get("NO_COLOR") else None,
        width=None if terminal else WIDTH_IN_A_PIPE,
        highlight=False,
        markup=False,
        emoji=False,
    )


def redraws(console: Console) -> bool:
    """Lines can be drawn again there: it is a terminal, and not a dumb one."""
    return console.is_terminal and not console.is_dumb_terminal


class Page:
    """Collects lines for a console; nothing in a text acts as markup or control."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = max(NARROWEST, min(console.width, WIDEST))
        self.lines: list[Text] = []
        self._encoding = _known(console.encoding)

    def show(self) -> None:
        """Print all lines."""
        while self.lines and not self.lines[-1].plain:
            self.lines.pop()
        for line in self.lines:
            self.console.print(line, soft_wrap=True)

    def blank(self) -> None:
        """One empty line, never two."""
        if self.lines and self.lines[-1].plain:
            self.lines.append(Text())

    def raw(self, text: str, indent: int = 0, style: str = "") -> None:
        """One line that is never broken: a command or a place to copy."""
        self.lines.append(Text(" " * indent if text else "").append(self.spelled(text), style))

    def put(self, text: str, indent: int = 0, style: str = "") -> None:
        """A paragraph."""
        for line in self.wrapped(text, self.width - indent):
            self.lines.append(Text(" " * indent if line else "").append(line, style))

    def entry(
        self, cells: Iterable[tuple[str, str]], text: str, indent: int = 2, style: str = ""
    ) -> None:
        """Columns (text and style), then a paragraph beside them, or below for want of room."""
        head = Text(" " * indent)
        for cell, cell_style in cells:
            word = self.spelled(cell)
            head.append(word.rstrip(), cell_style).append(" " * (len(word) - len(word.rstrip())))
        beside = self.width - head.cell_len >= NARROW_COLUMN
        column = head.cell_len if beside else indent + 4
        for number, line in enumerate(self.wrapped(text, self.width - column)):
            if number == 0 and beside:
                self.lines.append(head.append(line, style))
                continue
            if number == 0:
                head.rstrip()
                self.lines.append(head)
            self.lines.append(Text(" " * column).append(line, style))
        self.lines[-1].rstrip()

    def wrapped(self, text: str, width: int) -> list[str]:
        """The text in one or more lines of at most `width` columns; longer words are broken."""
        lines = Text(self.spelled(text)).wrap(self.console, width, overflow="fold", tab_size=8)
        return [line.plain.rstrip() for line in lines] or [""]

    def spelled(self, text: str) -> str:
        """The text without control characters, in letters that the terminal's encoding has."""
        text = visible(text)
        if _fits(text, self._encoding):
            return text
        plain = "".join(c if _fits(c, self._encoding) else PLAIN_FORMS.get(c, c) for c in text)
        return plain.encode(self._encoding, "backslashreplace").decode(self._encoding)


def columns(words: Sequence[str]) -> int:
    """The width of a column of words, with the space after it."""
    return max((len(word) for word in words), default=0) + 2


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "ascii"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
