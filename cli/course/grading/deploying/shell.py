"""Shell scripts, taken apart into commands by a parser of bash."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_bash.language()))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)  # GitHub's own, put in before a shell reads it
SHELL = re.compile(r"(?:.*/)?(?:ba|da|a|z|k)?sh")
# they say something, look at files or move them, whatever the words after them are
ONLY_SAY = re.compile(r"echo|printf|cat|ls|head|tail|grep|which|test|cd|cp|mv|rm|mkdir|touch|chmod")
IN_FRONT = frozenset(("sudo", "command", "time"))


@dataclass(frozen=True)
class Command:
    """One simple command: its words without their quotes, and how it was written."""

    words: tuple[str, ...]
    written: str

    def __str__(self) -> str:
        return " ".join(self.words)

    @property
    def name(self) -> str:
        """The program as it is written."""
        return next((word for word in self.words if word not in IN_FRONT), "")

    @property
    def only_says(self) -> bool:
        return ONLY_SAY.fullmatch(self.name) is not None


def parsed(script: str) -> Node:
    """The syntax tree of a script; what is no bash stands in it as errors."""
    text = EXPRESSION.sub("EXPRESSION", script)
    return PARSER.parse(text.encode("utf-8", "replace")).root_node


def commands_in(script: str) -> list[Command]:
    """Its simple commands in order, also those that it hands to `sh -c`."""
    found = list[Command]()
    for node in _nodes_of(parsed(script), "command"):
        command = command_of(node)
        inner = text_for_a_shell(command.words)
        found += commands_in(inner) if inner is not None else [command]
    return found


def command_of(node: Node) -> Command:
    """The command that a node of the tree is."""
    words = [unquoted(each) for each in node.named_children if "redirect" not in each.type]
    return Command(tuple(words), _text(node))


def unquoted(node: Node) -> str:
    """A word as the command gets it, with variables as they are written."""
    if node.type == "raw_string":
        return _text(node)[1:-1]
    if node.type == "string":
        return re.sub(r"\\([\"\\$`])", r"\1", _text(node)[1:-1])
    if node.type in ("command_name", "concatenation"):
        return "".join(unquoted(each) for each in node.children)
    return _text(node)


def text_for_a_shell(words: Sequence[str]) -> str | None:
    """Of `sh -c TEXT` the text."""
    for number, word in enumerate(words[:-2]):
        if SHELL.fullmatch(word) and re.fullmatch(r"-[a-z]*c", words[number + 1]):
            return words[number + 2]
    return None


def _nodes_of(root: Node, kind: str) -> Iterator[Node]:
    """The nodes of a kind, outer ones first, in the order of the text."""
    left = [root]
    while left:
        node = left.pop()
        if node.type == kind:
            yield node
        left += reversed(node.children)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
