"""Text that others wrote (an app, a learner, an LLM), made safe to show and taken apart."""

import re
from dataclasses import dataclass
from itertools import groupby

PLACE = re.compile(r"(?P<idea>.*\S) +(?P<place>\S+\.md#\S+)")
STARTUP = re.compile(
    r"INFO: +(Started (parent|server|reloader) process \[|Finished server process \[|"
    r"Uvicorn running on |Waiting for (application|connections|background)|"
    r"Application (startup|shutdown) complete|Shutting down)"
)
FRAME = re.compile(r'(?P<before>[\s|+]*)File "(?P<file>[^"]+)", line \d+')
LIBRARY = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python3|[/\\]Lib[/\\]|<frozen ")


def visible(text: str) -> str:
    r"""What does not print (ESC, NUL, direction marks, half surrogates) as `\x1b`; lines stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else escaped(c) for c in text)


def escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")


def spoken(test_name: str) -> str:
    """`test_the_body_is_kept[empty]` as a sentence: `the body is kept (empty)`."""
    name, bracket, case = test_name.removeprefix("test_").partition("[")
    sentence = name.replace("_", " ")
    return f"{sentence} ({case.removesuffix(']')})" if bracket else sentence


def shortened(text: str, limit: int) -> str:
    """About `limit` characters: the beginning and the end, and how much is missing between."""
    if len(text) <= limit:
        return text
    end = limit // 3
    return f"{text[: limit - end]} … ({len(text) - limit} characters left out) … {text[-end:]}"


@dataclass(frozen=True)
class Message:
    """A test's message: the sentence and what belongs to it, the idea to look at, its place."""

    sentence: str
    more: tuple[str, ...] = ()
    idea: str = ""
    place: str = ""

    @classmethod
    def read(cls, message: str) -> "Message":
        """The last line may be `idea  lessons/NN_slug/README.md#anchor`."""
        first, *more = message.strip("\n").split("\n")
        found = PLACE.fullmatch(more[-1]) if more else None
        if found is None:
            return cls(first, tuple(more))
        return cls(first, tuple(more[:-1]), found["idea"], found["place"])


def printed_lines(printed: str) -> list[str]:
    """What an app printed, without the server's start-up and the libraries' part of tracebacks."""
    kept = []
    inside = ""  # what a library's frame began with; its code is indented deeper
    for line in printed.replace("\r\n", "\n").rstrip("\n").split("\n"):
        frame = FRAME.match(line)
        if frame is not None:
            inside = frame["before"] if LIBRARY.search(frame["file"]) else ""
        elif inside and not line.startswith(inside + " "):
            inside = ""
        if not inside and not STARTUP.match(line):
            kept.append(line)
    return once(kept) if any(line.strip() for line in kept) else []


def once(lines: list[str]) -> list[str]:
    """A line that comes again and again stands there once, with the count."""
    short = []
    for line, group in groupby(lines):
        times = len(list(group))
        short += [f"{line}  ({times} times)"] if times > 1 and line.strip() else [line]
    return short
