"""A shell script run in the mind: what it ends with when some of its commands fail."""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise, product

from tree_sitter import Node

from course.grading.deploying.reading import Unreadable
from course.grading.deploying.shell import Command, command_of, parsed, text_for_a_shell, unquoted

QUESTIONS = 5  # so many questions about a machine we have not seen may go either way
MOST_STEPS = 5_000
NUMBER = re.compile(r"\d{1,3}")
VARIABLE = re.compile(
    r"\$(?P<brace>\{)?(?P<name>\w+|\?)"
    r"(?(brace)(?:\[(?P<index>\d+)\])?(?::?-(?P<default>[^}]*))?\})"
)
# the nodes whose failure ends a script that runs with -e
STOPS = frozenset(("command", "pipeline", "subshell", "test_command", "variable_assignment"))
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq,
    "==": operator.eq,
    "=": operator.eq,
    "-ne": operator.ne,
    "!=": operator.ne,
    "-gt": operator.gt,
    ">": operator.gt,
    "-ge": operator.ge,
    ">=": operator.ge,
    "-lt": operator.lt,
    "<": operator.lt,
    "-le": operator.le,
    "<=": operator.le,
}

Fails = Callable[[Command], bool]


def fails_with(script: str, fails: Fails, errexit: bool, pipefail: bool) -> bool:
    """Whether a script ends with a failure because the commands that `fails` picks fail.

    All others succeed. With `errexit` the shell stops at the first failure; with `pipefail` one
    in the middle of a pipe counts.
    """
    tree = parsed(script)

    def code(fails: Fails, answers: Sequence[bool]) -> int:
        return DryRun(fails, answers, errexit, pipefail).in_a_shell(tree.children)

    try:
        return any(
            code(fails, answers) != 0 and code(lambda command: False, answers) == 0
            for answers in product((True, False), repeat=QUESTIONS)
        )
    except RecursionError:
        raise Unreadable("A script of your workflow calls itself too often to be read.") from None


class Exit(Exception):
    """The script, or a shell inside it, ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code


class Return(Exit):
    """A function ends with a code."""


class DryRun:
    """One run: variables, functions and exit codes as bash would have them.

    `answers` are those to questions about the machine, such as `[ -d tests ]`, in their order.
    """

    def __init__(
        self, fails: Fails, answers: Iterable[bool], errexit: bool = True, pipefail: bool = False
    ) -> None:
        self.fails = fails
        self.answers = iter(answers)
        self.errexit = errexit
        self.pipefail = pipefail
        self.conditions = 0  # how many are being asked: in one, a failure ends nothing
        self.last = 0
        self.pipe = [0]
        self.background = 0
        self.variables: dict[str, str] = {}
        self.functions: dict[str, Node] = {}
        self.steps = 0

    def in_a_shell(self, nodes: Sequence[Node]) -> int:
        """The exit code of statements in a shell of their own: an `exit` ends that one only."""
        try:
            return self.all_of(nodes)
        except Exit as end:
            return end.code

    def all_of(self, nodes: Sequence[Node]) -> int:
        """Statements one after the other; the code of the last one."""
        followed_by = [*(node.type for node in nodes[1:]), ""]
        for node, after in zip(nodes, followed_by, strict=False):
            if after == "&":
                self.background, self.last = self.in_a_shell([node]), 0
            elif node.is_named and node.type != "comment":
                self.last = self.one(node)
        return self.last

    def one(self, node: Node) -> int:
        """A statement; a simple one that fails may end the script."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Unreadable("A script of your workflow takes too many steps to be read.")
        code: int = getattr(self, f"visit_{node.type}", self.visit_any)(node)
        if code and node.type in STOPS and self.errexit and not self.conditions:
            raise Exit(code)
        return code

    def holds(self, asked: Sequence[Node]) -> bool:
        """A condition, in which a failure is an answer and no end."""
        self.conditions += 1
        try:
            return self.all_of(asked) == 0
        finally:
            self.conditions -= 1

    # what a node of each type does, by the names of tree-sitter's grammar

    def visit_any(self, node: Node) -> int:
        """What only holds statements, and what is no bash."""
        return self.all_of(node.children)

    def visit_compound_statement(self, node: Node) -> int:
        if node.children[0].type == "((":
            return self.visit_test_command(node)
        return self.all_of(node.children)

    def visit_list(self, node: Node) -> int:
        left, right = node.named_children[0], node.named_children[-1]
        if self.holds([left]) == any(each.type == "&&" for each in node.children):
            self.last = self.one(right)
        return self.last

    def visit_negated_command(self, node: Node) -> int:
        return int(self.holds(node.children))

    def visit_pipeline(self, node: Node) -> int:
        self.pipe = [self.in_a_shell([each]) for each in node.named_children]
        failed = [code for code in self.pipe if code]
        return failed[-1] if failed and self.pipefail else self.pipe[-1]

    def visit_subshell(self, node: Node) -> int:
        return self.in_a_shell(node.children)

    visit_command_substitution = visit_subshell

    def visit_if_statement(self, node: Node) -> int:
        clauses = [each for each in node.children if each.type in ("elif_clause", "else_clause")]
        for clause in (node, *clauses):
            types = [each.type for each in clause.children]
            then = types.index("then") if "then" in types else 0
            if not then or self.holds(clause.children[:then]):
                return self.all_of([e for e in clause.children[then:] if e not in clauses])
        self.last = 0
        return 0

    def visit_while_statement(self, node: Node) -> int:
        """Its body at most once."""
        *asked, body = node.children
        if self.holds(asked) == (asked[0].type == "while"):
            self.one(body)
        return 0

    def visit_for_statement(self, node: Node) -> int:
        """Its body once."""
        body = node.child_by_field_name("body")
        return self.one(body) if body else 0

    def visit_case_statement(self, node: Node) -> int:
        """All that it may do, for we do not know what is the case."""
        for item in node.named_children[1:]:
            self.all_of(item.named_children[1:])
        return self.last

    def visit_function_definition(self, node: Node) -> int:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name and body:
            self.functions[unquoted(name)] = body
        return 0

    def visit_redirected_statement(self, node: Node) -> int:
        body = node.child_by_field_name("body")
        return self.one(body) if body else 0

    def visit_variable_assignment(self, node: Node) -> int:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return 0
        text, code = self.value(unquoted(value)), 0
        for each in (value, *value.named_children):
            if each.type == "command_substitution":
                code = self.visit_command_substitution(each)
        self.variables[unquoted(name)] = text
        return code

    def visit_declaration_command(self, node: Node) -> int:
        """`export A=b` succeeds, whatever the value does."""
        self.holds(node.named_children)
        return 0

    def visit_test_command(self, node: Node) -> int:
        inner = node.named_children
        asks = len(inner) == 1 and inner[0].type == "binary_expression"
        return self.answer([unquoted(each) for each in inner[0].children] if asks else [])

    def visit_command(self, node: Node) -> int:
        command = command_of(node)
        name, *given = command.words or ("",)
        inner = text_for_a_shell(command.words)
        match name:
            case "exit" | "return":
                value = self.value(given[0]) if given else str(self.last)
                raise (Exit if name == "exit" else Return)(code_of(value))
            case "exec" if given:
                raise Exit(int(self.fails(command)))
            case "set":
                self.set_options(given)
            case "wait":
                return self.background if given else 0
            case "test":
                return self.answer(given)
            case "false":
                return 1
            case _ if name in self.functions:
                return self.called(self.functions[name])
            case _ if inner is not None:
                other = DryRun(self.fails, self.answers, stops_at_failures(given))
                return other.in_a_shell(parsed(inner).children)
        return int(self.fails(command))

    def called(self, function: Node) -> int:
        """A function's body, up to its `return`."""
        try:
            return self.one(function)
        except Return as end:
            return end.code

    def set_options(self, options: Sequence[str]) -> None:
        """`set -e`, `set +o pipefail`."""
        for option, after in pairwise([*options, ""]):
            on = option.startswith("-")
            if stops_at_failures([option]) or (option[1:] == "o" and after == "errexit"):
                self.errexit = on
            if re.fullmatch(r"[-+][a-z]*o", option) and after == "pipefail":
                self.pipefail = on

    def value(self, text: str) -> str:
        """A word, with the variables that we know in their places."""

        def known(found: re.Match[str]) -> str:
            name, index = found["name"], int(found["index"] or 0)
            if name == "?":
                return str(self.last)
            if name == "PIPESTATUS" and index < len(self.pipe):
                return str(self.pipe[index])
            return self.variables.get(name, found["default"] or found[0])

        return VARIABLE.sub(known, text)

    def answer(self, words: Sequence[str]) -> int:
        """Of a comparison whose two sides we know its code; others may go either way."""
        values = [self.value(self.variables.get(word, word)) for word in words]
        match values:
            case [one, how, other] if (
                how in COMPARISONS and NUMBER.fullmatch(one) and NUMBER.fullmatch(other)
            ):
                return int(not COMPARISONS[how](int(one), int(other)))
        return int(not next(self.answers, True))


def code_of(value: str) -> int:
    """What `exit VALUE` ends with; 0 for a value that we do not know."""
    return int(value) if NUMBER.fullmatch(value) else 0


def stops_at_failures(options: Sequence[str]) -> bool:
    """Whether an option such as `-e`, `-euo` or `+e` is about stopping at the first failure."""
    return any(re.fullmatch(r"[-+][a-z]*e[a-z]*", each) for each in options)
