"""The command line: parse, call one function, render, exit. Heavy imports happen inside the commands."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="course",
    help="A hands-on course on LLM backends: write a FastAPI service lesson by lesson, save, see what holds.",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
dev = typer.Typer(help="The author's tools.", rich_markup_mode=None)
app.add_typer(dev, name="dev")

PASSED, NOT_PASSED, USAGE, OUR_FAULT = 0, 1, 2, 3

LessonName = Annotated[str, typer.Argument(metavar="SLUG", help="A lesson, such as streaming.")]
MaybeLesson = Annotated[
    str | None, typer.Argument(metavar="[SLUG]", help="A lesson; without it, the one you are on.")
]
Starter = Annotated[bool, typer.Option("--starter", help="The lesson's starter.")]
Solution = Annotated[bool, typer.Option("--solution", help="The lesson's solution.")]
Folder = Annotated[Path | None, typer.Option("--path", metavar="DIR", help="Any folder with an app.")]


def usage_error(sentence: str) -> NoReturn:
    """One clear sentence on standard error, exit 2."""
    print(f"course: {sentence}", file=sys.stderr)
    raise typer.Exit(USAGE)


@app.command()
def check(
    slug: MaybeLesson = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again at each save.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All lessons one has started.")] = False,
    starter: Starter = False,
    solution: Solution = False,
    path: Folder = None,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE", help="Verdict JSON; - for standard output.")] = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="A JUnit report.")] = None,
) -> None:
    """Grade a lesson: which behaviours hold, and why one does not.

    Examples: course check · course check streaming --watch · course check --all --solution --json -
    """
    from course.checking import Choice, run_check

    choice = Choice(slug=slug, starter=starter, solution=solution, path=path, every=every)
    raise typer.Exit(run_check(choice, watch=watch, json=json, junit=junit))


def main() -> None:
    """The entry point: exit codes 0 passed, 1 not passed, 2 usage, 3 the course's own fault."""
    from course.catalog import CatalogError, UnknownLesson
    from course.workspace import WorkspaceError

    try:
        app(prog_name="course")
    except (UnknownLesson, WorkspaceError) as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(USAGE)
    except CatalogError as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(OUR_FAULT)
    except KeyboardInterrupt:
        sys.exit(130)
