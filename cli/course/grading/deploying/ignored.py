"""`.dockerignore`, by Docker's own rules: the last line that fits a path decides."""

import posixpath
import re


def keeps_out(rules: str, path: str) -> bool:
    """Whether a build never sees `path`, or sees it because a later line lets it in again."""
    out = False
    for line in rules.removeprefix("\ufeff").splitlines():
        rule = line.strip()
        if not rule or line.startswith("#"):
            continue
        brings_back = rule.startswith("!")
        cleaned = posixpath.normpath(rule.removeprefix("!").strip()).lstrip("/")
        if cleaned not in ("", ".") and _fits(cleaned, path):
            out = not brings_back
    return out


def _fits(rule: str, path: str) -> bool:
    """A rule fits a path, and everything below a folder that it fits."""
    parts = path.split("/")
    pattern = re.compile(as_expression(rule))
    return any(
        pattern.fullmatch("/".join(parts[: count + 1])) is not None for count in range(len(parts))
    )


def as_expression(rule: str) -> str:
    """The rule as a regular expression: `*` stays within a name, `**` does not."""
    written, at = "", 0
    while at < len(rule):
        if rule.startswith("**", at):
            at += 2
            if rule.startswith("/", at):
                written, at = written + "(?:.*/)?", at + 1
            else:
                written += ".*"
            continue
        letter = rule[at]
        closing = rule.find("]", at + 1)
        if letter == "[" and closing > at + 1:
            written, at = written + rule[at : closing + 1], closing + 1
            continue
        if letter == "\\" and at + 1 < len(rule):
            at += 1
            written += re.escape(rule[at])
        else:
            written += {"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter))
        at += 1
    return written
