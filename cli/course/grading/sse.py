"""Server-sent events, parsed as the standard says (WHATWG HTML, "Interpreting an event stream")."""

import codecs
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One dispatched event. `event` is "message" when the stream names none."""

    event: str
    data: str

    def json(self) -> Any:
        """The data as JSON; an AssertionError shows data that is none."""
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            raise AssertionError(
                f"The data of a server-sent event is not JSON: {self.data!r}"
            ) from None


class EventParser:
    """Feed it bytes, get events. Lines end at LF, CR or CRLF and nothing else."""

    def __init__(self) -> None:
        self.comments: list[str] = []
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._data: list[str] = []
        self._name = ""
        self._first = True
        self._after_cr = False  # a line has ended with CR; a LF that follows belongs to that end

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that are complete now."""
        new = self._decode.decode(chunk)
        if self._after_cr and new:
            new, self._after_cr = new.removeprefix("\n"), False
        self._text += new
        if self._first and self._text:
            self._first = False
            self._text = self._text.removeprefix("\ufeff")
        events = []
        while (line := self._next_line()) is not None:
            if line:
                self._field(line)
            elif self._data:
                events.append(Event(self._name or "message", "\n".join(self._data)))
                self._data, self._name = [], ""
            else:
                self._name = ""
        return events

    def _next_line(self) -> str | None:
        ends = [at for at in (self._text.find("\n"), self._text.find("\r")) if at >= 0]
        if not ends:
            return None
        end = min(ends)
        self._after_cr = self._text[end] == "\r" and end + 1 == len(self._text)
        width = 2 if self._text[end : end + 2] == "\r\n" else 1
        line, self._text = self._text[:end], self._text[end + width :]
        return line

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "":
            self.comments.append(value)
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
