"""Commands in the prose, parsed by the real command line without running them."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer
import typer.main

from course.dev.pages import Code

SHELLS = {None, "", "sh", "bash", "shell", "console", "powershell"}
COMMAND = re.compile(r"^(?:[$>] )?(?:[A-Z][A-Z_]*=\S+ )*(?:\./|py )?course(?=\s|$)(.*)$")
ENDS_A_COMMAND = {"|", "||", "&", "&&", ";", ">", ">>", "<", "2>"}
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*|<.*>|…|\.\.\.")
# click's UsageError: typer carries its own copy of click from 0.28 on
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]


@cache
def command_line() -> Any:
    """The root command of `course`."""
    from course.main import app

    return typer.main.get_command(app)


def commands_in(code: Code) -> Iterator[tuple[int, list[str]]]:
    """Line and words of each `course` command in a piece of code."""
    if code.language not in SHELLS:
        return
    for number, line in enumerate(code.text.splitlines(), code.line):
        if found := COMMAND.match(line.strip()):
            yield number, words_of(found[1])


def words_of(text: str) -> list[str]:
    """The words of one command up to a pipe or a comment, without brackets around optional ones."""
    while (plain := re.sub(r"\[([^\[\]]*)\]", _first_choices, text)) != text:
        text = plain
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = []
    try:
        for word in lexer:
            if word in ENDS_A_COMMAND:
                break
            words.append(word)
    except ValueError:  # a quotation mark that is not closed
        return text.split()
    return words


def _first_choices(found: re.Match[str]) -> str:
    """Of `[--a | --b X | -]` all options and the first value: `--a --b X`."""
    first, *others = found[1].replace("\\|", "|").split("|")
    return " ".join([first, *(other for other in others if other.strip().startswith("--"))])


def problem_with(words: list[str], root: Any = None) -> str:
    """Why the command line would refuse these words; "" when it takes them."""
    if words[:1] == ["--ensure"]:  # the launcher takes it and never gets here
        return ""
    command = root or command_line()
    context = None
    name = "course"
    while True:
        context = command.context_class(command, info_name=name, parent=context)
        try:
            given, rest, _ = command.make_parser(context).parse_args(args=list(words))
        except USAGE_ERROR as problem:
            return str(getattr(problem, "message", problem)) or f"{name} does not take {words}."
        if not hasattr(command, "commands"):
            return _refused(command, context, given, rest)
        if not rest:
            alone = command.invoke_without_command or given.get("help")
            return "" if alone else f"`{name}` needs the name of a command after it."
        if PLACEHOLDER.fullmatch(rest[0]):
            return ""
        name, words = rest[0], rest[1:]
        command = command.get_command(context, name)
        if command is None:
            return f"There is no command {name}."


def _refused(command: Any, context: Any, given: dict[str, Any], rest: list[str]) -> str:
    """What a parsed command still lacks, or has too much of."""
    if given.get("help"):
        return ""
    if rest:
        return f"`{command.name}` does not take {' '.join(rest)}."
    for parameter in command.get_params(context):
        value = given.get(parameter.name)
        if parameter.required and not isinstance(value, str | tuple | list | bool):
            return f"`{command.name}` needs {parameter.human_readable_name.upper()}."
        choices = getattr(parameter.type, "choices", None)
        if choices and isinstance(value, str) and not PLACEHOLDER.fullmatch(value):
            names = [str(getattr(choice, "value", choice)) for choice in choices]
            if value not in names:
                return f"{value} is none of {', '.join(names)}."
    return ""
