"""Shell scripts, taken apart into commands: without comments, and without what is only said."""

import re

QUOTED = r"'[^'\n]*'|\"(?:\\.|[^\"\\\n])*\""
COMMENT = re.compile(rf"{QUOTED}|(?P<comment>(?<!\S)#[^\n]*)")
INSIDE = rf"(?:{QUOTED}|\$\{{[^}}]*\}}|\$\([^)]*\)|\$(?![{{(])|[^{{}}()'\"$])*"
OTHERWISE = rf"\|\|\s*(?:\{{{INSIDE}\}}|\({INSIDE}\)|[^;\n]*)"  # `|| exit 1`, `|| { ...; }`
PART = re.compile(rf"{QUOTED}|{OTHERWISE}|(?P<end>&&|;|\n)")
SAYS = re.compile(
    r"\s*(?:(?:then|else|do|sudo)\s+|[{(]\s*)*"
    r"(?:echo|printf|cat|ls|head|tail|grep|which|cd|cp|mv|rm|mkdir|touch|chmod)\b[^|]*"
)


def commands_in(script: str) -> list[str]:
    """Its commands one by one; what follows a `||` stays with the command before it."""
    text = without_comments(script.replace("\\\n", " "))
    found, begin = list[str](), 0
    for part in PART.finditer(text):
        if part["end"]:
            found.append(text[begin : part.start()])
            begin = part.end()
    return [*found, text[begin:]]


def without_comments(script: str) -> str:
    """The script, where a # in quotes begins no comment."""
    return COMMENT.sub(lambda found: "" if found["comment"] else found[0], script)


def without_quotes(command: str) -> str:
    """The command with quoted texts left empty, everything else at its place."""
    return re.sub(QUOTED, lambda found: " " * len(found[0]), command)


def done_by(command: str) -> str:
    """The command, or what it pipes its words into where it only says something."""
    only_says = SAYS.match(without_quotes(command))
    return command[only_says.end() :] if only_says else command
