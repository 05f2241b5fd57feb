"""Tracebacks for learners: their own line first, library frames left out."""

import re
from pathlib import Path

FRAME = re.compile(
    r'^\s*(?:[|+] +)?\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?$'
)
ENDING = re.compile(
    r"^\s*(?:[|+] +)?(?P<text>[A-Za-z_][\w.]*"
    r"(?:Error|Exception|Exit|Interrupt|Warning|Failed|Timeout|Group)\b.*)$"
)
CHAINED = re.compile(
    "During handling of the above exception, another exception occurred"
    "|The above exception was the direct cause of the following exception"
)


def learner_first(output: str, folder: Path) -> str:
    """The last traceback in `output` as two lines: the learner's deepest frame, the exception.

    Of exceptions that came out of one another it is the last, with the last frame of the learner's
    before it. Returns "" when there is none. Example: `app.py, line 12, in query: data["choices"]`
    and `KeyError: 'choices'`.
    """
    root = folder.resolve()
    found = ""
    own = ended = came_from = ""  # frames: of this traceback, of the one before, to begin with
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if CHAINED.search(line):
            came_from = ended
        elif "Traceback (most recent call last)" in line:
            own, came_from = came_from, ""
        elif frame := FRAME.match(line):
            path = Path(frame["file"])
            if path.is_relative_to(root) or path.is_relative_to(folder):
                name = path.relative_to(root if path.is_relative_to(root) else folder)
                code = lines[number + 1].strip(" |") if number + 1 < len(lines) else ""
                inside = (
                    f", in {frame['name']}" if frame["name"] and frame["name"] != "<module>" else ""
                )
                own = f"{name}, line {frame['line']}{inside}: {code}".rstrip(": ")
        elif ending := ENDING.match(line):
            if own:
                found = f"{own}\n{ending['text']}"
            own, ended = "", own
    return found
