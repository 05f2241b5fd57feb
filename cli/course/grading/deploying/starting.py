"""What an image's command comes down to: the module app, in the process that gets the signals."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course.grading.deploying.shell import commands_in, text_for_a_shell

RUNS_APP = re.compile(r"(?<![\w-])-[A-Za-z]*m\s*app(?![\w.])")
RUNS_APP_IN_PYTHON = re.compile(r"\bos\.exec\w*\([^)]*-m\W+app\b|\brun_module\(\W*app\b")
SHELL_OF_A_SCRIPT = re.compile(r"#!.*\b(?:ba|da|a|z|k)?sh\b")
EXEC = re.compile(r"(?<![-\w])exec\s")
PASSES_SIGNALS_ON = re.compile(r"\btrap\s")

Script = tuple[str, str]  # its name, its text


def starts_the_app(command: Sequence[str], scripts: Sequence[Script]) -> bool:
    """Whether the words of a command, or a script that they name, come down to `python -m app`."""
    text = " ".join(command)
    given = text_for_a_shell(command)
    if given is not None and RUNS_APP.search(text):
        # of a single command every shell makes itself the process
        return len(commands_in(given)) == 1 or hands_over(given, text)
    if RUNS_APP.search(text):
        named = [each for each in scripts if each[0] in names_of(command)]
        in_front = [script for name, script in named if is_for_a_shell(name, script)]
        return not in_front or any(hands_over(script, text) for script in in_front)
    return any(runs_the_app(name, script) for name, script in scripts)


def is_for_a_shell(name: str, script: str) -> bool:
    return name.endswith(".sh") or SHELL_OF_A_SCRIPT.match(script) is not None


def runs_the_app(name: str, script: str) -> bool:
    """Whether a script that a command names ends as the app's process."""
    if is_for_a_shell(name, script):
        return hands_over(script)
    if name.endswith(".py"):
        return RUNS_APP_IN_PYTHON.search(script) is not None
    return any(RUNS_APP.search(str(each)) for each in commands_in(script))


def hands_over(script: str, command: str = "") -> bool:
    """Whether a shell script puts the app in the shell's place: `exec python -m app`, `exec "$@"`.

    `command` is what `"$@"` may stand for. A script may pass signals on by a `trap` instead.
    """
    kept = [str(each) for each in commands_in(script) if not each.only_says]
    everything = f"{command} {' '.join(kept)}"
    replacing = [each for each in kept if EXEC.search(each)]
    return any(
        RUNS_APP.search(everything if "$" in each else each) is not None for each in replacing
    ) or bool(PASSES_SIGNALS_ON.search(everything) and RUNS_APP.search(everything))


def scripts_among(names: set[str], folder: Path) -> list[Script]:
    """The files with such a name, at most two folders down."""
    found = [path for depth in ("*", "*/*", "*/*/*") for path in folder.glob(depth)]
    return [
        (path.name, path.read_text("utf-8", "replace"))
        for path in found
        if path.name in names and path.is_file() and path.stat().st_size < 100_000
    ]


def names_of(command: Iterable[str]) -> set[str]:
    """The names of the files and folders that a command speaks of."""
    return {word.rstrip("/").rpartition("/")[2] for text in command for word in text.split()}
