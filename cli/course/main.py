"""The command line: parse, call one function, exit. Heavy imports happen inside the commands."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="course",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
dev = typer.Typer(help="The author's tools.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(dev, name="dev")

PASSED, NOT_PASSED, USAGE, OUR_FAULT = 0, 1, 2, 3


def slugs(incomplete: str) -> list[str]:
    """What a shell completes a lesson to; a manifest that cannot be read completes to nothing."""
    from course.catalog import CatalogError
    from course.workspace import Workspace

    try:
        lessons = Workspace.here().course().lessons
    except CatalogError:
        return []
    return [lesson.slug for lesson in lessons if lesson.slug.startswith(incomplete)]


Slug = Annotated[
    str,
    typer.Argument(metavar="SLUG", help="A lesson, such as streaming.", autocompletion=slugs),
]
MaybeSlug = Annotated[
    str | None,
    typer.Argument(
        metavar="[SLUG]", help="A lesson; without it, the one you are on.", autocompletion=slugs
    ),
]
Starter = Annotated[bool, typer.Option("--starter", help="The lesson's starter.")]
Solution = Annotated[bool, typer.Option("--solution", help="The lesson's solution.")]
Folder = Annotated[
    Path | None, typer.Option("--path", metavar="DIR", help="Any folder that holds an app.")
]
Delay = Annotated[float, typer.Option(min=0, max=600, help="Seconds before the fake LLM answers.")]
ChunkDelay = Annotated[
    float, typer.Option(min=0, max=60, help="Seconds between the words of a stream.")
]


def say(*lines: str) -> None:
    """Plain lines on standard output."""
    for line in lines:
        print(line)


def refuse(sentence: str) -> NoReturn:
    """One clear sentence on standard error, exit 2."""
    print(f"course: {sentence}", file=sys.stderr)
    raise typer.Exit(USAGE)


@app.callback(invoke_without_command=True)
def where_am_i(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """A hands-on course on LLM backends: write a FastAPI service, save, see what holds and why.

    Begin with: course check
    """
    if version:
        from course import __version__

        say(f"course {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from course.learning import overview
        from course.reporting.terminal import make_console, show_course
        from course.workspace import Workspace

        standings, step = overview(Workspace.here())
        show_course(standings, make_console(), next_step=step)


@app.command()
def start(slug: MaybeSlug = None) -> None:
    """Copy a lesson's starter to work/ (never over existing work).

    Example: course start streaming
    """
    from course.workspace import Workspace, as_typed

    workspace = Workspace.here()
    course = workspace.course()
    lesson = course.lesson(slug) if slug else workspace.current_lesson(course)
    existed = workspace.folder(lesson, "work").exists()
    folder = workspace.start(lesson)
    copy, page = workspace.whereabouts(lesson)
    say(
        f"{folder} is there already and stays as it is." if existed else copy,
        page,
        "next: " + as_typed(f"check {lesson.slug} --watch"),
    )


@app.command()
def check(
    slug: MaybeSlug = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again at each save.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every lesson you have started.")] = False,
    starter: Starter = False,
    solution: Solution = False,
    path: Folder = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Verdict JSON; - for standard output."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="A JUnit report.")
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Show every failure in full.")] = False,
) -> None:
    """Grade a lesson: which behaviours hold, and why one does not.

    Examples: course check, course check streaming --watch, course check --all --solution --json -
    """
    from course import checking

    choice = checking.Choice(slug=slug, starter=starter, solution=solution, path=path, every=every)
    if not watch:
        raise typer.Exit(checking.run_check(choice, json=json, junit=junit, details=details))
    if every or json or junit:
        refuse("--watch goes with neither --all nor --json nor --junit.")
    raise typer.Exit(checking.watch(choice))


@app.command()
def hint(
    slug: MaybeSlug = None,
    exercise: Annotated[str | None, typer.Argument(metavar="[EXERCISE]")] = None,
) -> None:
    """Show the next hint of an exercise, one at a time, from a question to nearly the answer.

    Example: course hint streaming first-token
    """
    from course.learning import next_hint
    from course.reporting.terminal import make_console, show_hints
    from course.workspace import Workspace, as_typed

    workspace = Workspace.here()
    course = workspace.course()
    lesson = course.lesson(slug) if slug else workspace.current_lesson(course)
    hints = next_hint(workspace, lesson, exercise)
    name = f"{lesson.slug} {hints.exercise.slug}"
    following = as_typed(f"hint {name}") if hints.left else ""
    show_hints(name, hints.shown, hints.left, make_console(), next_step=following)


@app.command()
def diff(
    slug: MaybeSlug = None,
    starter: Starter = False,
    solution: Solution = False,
    spoil: Annotated[bool, typer.Option("--spoil", help="Also before it passes.")] = False,
) -> None:
    """Show your files beside the solution (once they pass) or the starter.

    Examples: course diff basic, course diff basic --solution --spoil
    """
    from course import learning
    from course.workspace import Which, Workspace

    workspace = Workspace.here()
    course = workspace.course()
    lesson = course.lesson(slug) if slug else workspace.current_lesson(course)
    if starter and solution:
        refuse("choose one of --starter and --solution.")
    earned = learning.passed(workspace, lesson) or spoil
    if solution and not earned:
        refuse(f"the solution of {lesson.slug} {learning.SOLVED_FIRST}")
    which: Which = "solution" if earned and not starter else "starter"
    lines = list(learning.diff(workspace, lesson, workspace.folder(lesson, which)))
    say(*(lines or [f"Your files are equal to the {which}."]))


@app.command()
def reset(slug: Slug) -> None:
    """Start a lesson anew; what you had is kept in work/backups.

    Example: course reset streaming
    """
    from course.workspace import Workspace, as_typed

    workspace = Workspace.here()
    lesson = workspace.course().lesson(slug)
    backup = workspace.reset(lesson)
    say(
        f"Your files are kept in {backup}.",
        f"A new copy: {workspace.folder(lesson, 'work')}",
        "next: " + as_typed(f"check {lesson.slug} --watch"),
    )


@app.command()
def solution(
    slug: Slug,
    spoil: Annotated[bool, typer.Option("--spoil", help="Show it before yours passes.")] = False,
) -> None:
    """Show a lesson's solution, once your own version passes.

    Example: course solution basic
    """
    from course.learning import solution_files
    from course.workspace import Workspace

    workspace = Workspace.here()
    for path in solution_files(workspace, workspace.course().lesson(slug), spoil):
        say(f"# {path}", "", path.read_text(encoding="utf-8"))


@app.command()
def serve(
    slug: MaybeSlug = None,
    starter: Starter = False,
    solution: Solution = False,
    path: Folder = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The app's port; else the next free one from 8000 on."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that serve.")] = 1,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew at each save.")] = False,
    llm: Annotated[
        str, typer.Option(metavar="fake|URL", help="The fake LLM, or an OpenAI-compatible one.")
    ] = "fake",
    delay: Delay = 0.3,
    chunk_delay: ChunkDelay = 0.05,
) -> None:
    """Run a lesson's app and its LLM, and show each call; Ctrl-C ends both.

    The app gets your shell's variables, the lesson's settings where you have not set them, and
    LLM_BASE_URL and LLM_API_KEY (your own key with --llm URL). /docs needs no network.

    Examples: course serve streaming, course serve basic --solution --reload,
    course serve basic --llm http://127.0.0.1:11434/v1
    """
    from course.checking import Choice
    from course.serving import serve as serving
    from course.serving.llm import Pace

    choice = Choice(slug=slug, starter=starter, solution=solution, path=path)
    options = serving.Options(port, workers, reload, llm, Pace(delay, chunk_delay))
    raise typer.Exit(serving.serve(choice, options))


@app.command()
def query(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The question.")] = None,
    url: Annotated[
        str, typer.Option(metavar="URL", envvar="COURSE_URL", help="Where the app is.")
    ] = "http://127.0.0.1:8000",
    stream: Annotated[bool, typer.Option("--stream", help="Ask /stream, word by word.")] = False,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Ask /batch-query: a question a line, or a JSON array; - for standard input.",
        ),
    ] = None,
    token: Annotated[str | None, typer.Option(help="The bearer token.")] = None,
    tenant: Annotated[str | None, typer.Option(help="The header X-Tenant-ID.")] = None,
    field: Annotated[str, typer.Option(metavar="NAME", help="The JSON field for TEXT.")] = "query",
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="One more header. May be repeated."),
    ] = None,
    repeat: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Ask so many times; else as often as at once."),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=1000, help="So many at once.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a screen.")] = False,
) -> None:
    """Send a question to an app and show what comes back: text, status, headers, times.

    Many at once, with --repeat or --concurrency, are a table: status, cache HIT or MISS, the
    budget left, Retry-After, times.

    --json prints one object: version, url, answers (number, status, ok, headers, body, text,
    events, first_token_seconds, total_seconds, problem), summary (count, seconds, per_second,
    by_status, by_cache, total_seconds and first_token_seconds with median, p95 and max).

    Exit code: 0 when every answer is 2xx and whole (a stream says done), else 1.

    Examples: course query "Why is the sky blue?" --stream, course query hello --repeat 20,
    course query --batch questions.txt
    """
    from course.serving.query import Asked, run_query

    asked = Asked(
        url, text, stream, batch, token, tenant, field, tuple(header or ()), repeat, concurrency
    )
    raise typer.Exit(run_query(asked, as_json=json))


@app.command()
def llm(
    kind: Annotated[str, typer.Argument(metavar="[fake]", help="Which LLM.")] = "fake",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Its port; else the next free one from 8001 on."),
    ] = None,
    delay: Delay = 0.3,
    chunk_delay: ChunkDelay = 0.05,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAILURE",
            help="503, timeout or hang-up for every call; 503/3 for every third. May be repeated.",
        ),
    ] = None,
) -> None:
    """Run the LLM alone, for your own apps and clients, and show each call; Ctrl-C ends it.

    Examples: course llm, course llm --port 9000 --fail 503/3 --fail timeout/5
    """
    from course.serving.llm import Pace, run_llm

    raise typer.Exit(run_llm(kind, port, Pace(delay, chunk_delay), fail or []))


@app.command()
def notebook(slug: MaybeSlug = None) -> None:
    """Open a lesson's walkthrough in Jupyter: your own copy, in work/notebooks.

    Example: course notebook streaming
    """
    from course.serving.notebook import open_notebook

    raise typer.Exit(open_notebook(slug))


@app.command()
def doctor() -> None:
    """Check Python, the environment, ports, file watching and disk; changes nothing."""
    from course.doctor import examine

    findings = examine()
    for finding in findings:
        say(f"{finding.word:7}  {finding.what}")
        if finding.remedy:
            say(f"         {finding.remedy}")
    raise typer.Exit(PASSED if all(finding.good for finding in findings) else NOT_PASSED)


@app.command(context_settings={"ignore_unknown_options": True})
def test(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[PYTEST ARGUMENTS]")] = None,
) -> None:
    """Run the project's own tests.

    Example: course test tests/course/test_catalog.py
    """
    from course.dev.tests import run_tests

    raise typer.Exit(run_tests(arguments or []))


@dev.command("check")
def dev_check(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...")] = None,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Show which tests catch which wrong app.")
    ] = False,
) -> None:
    """Prove lessons: silent when everything holds.

    Examples: course dev check, course dev check streaming --matrix
    """
    from course.dev.run import check_lessons

    raise typer.Exit(check_lessons(slugs or [], matrix=matrix))


@dev.command("sync")
def dev_sync(
    check: Annotated[bool, typer.Option("--check", help="Only say what is out of date.")] = False,
) -> None:
    """Write what is generated: excerpts, tables, notebooks, locks.

    Example: course dev sync --check
    """
    from course.dev.run import sync_course

    raise typer.Exit(sync_course(only_check=check))


@dev.command("new")
def dev_new(slug: Slug) -> None:
    """Make the files of a new lesson, with one small exercise that proves itself.

    Example: course dev new tools
    """
    from course.dev.new import new_lesson
    from course.workspace import Workspace

    say(*map(str, new_lesson(Workspace.here(), slug)))


def main() -> None:
    """The entry point: exit codes 0 passed, 1 not passed, 2 usage, 3 the course's own fault."""
    from course.catalog import CatalogError, UnknownLesson
    from course.serving import Refused
    from course.workspace import WorkspaceError

    try:
        try:
            app(prog_name="course")
        finally:
            sys.stdout.flush()  # here, where a pipe that nobody reads is no surprise
    except (UnknownLesson, WorkspaceError, Refused) as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(USAGE)
    except CatalogError as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(OUR_FAULT)
    except BrokenPipeError:  # the reader of a pipe has gone, as `head` does
        from course.serving.screen import give_up_standard_output

        give_up_standard_output()
        sys.exit(NOT_PASSED)
    except KeyboardInterrupt:
        sys.exit(130)
