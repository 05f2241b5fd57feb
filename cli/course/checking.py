"""`course check`: choose what to grade, grade it, show it, remember it."""

import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course.catalog import Course, Lesson
from course.grading.grader import Cancelled, ColdRunner, Runner, grade
from course.grading.runner_pool import RunnerPool
from course.grading.verdict import TestVerdict, Verdict
from course.grading.warm import best_runner
from course.installing import install_what_suites_need
from course.learning import next_step, remember_verdict
from course.saves import SaveWatcher
from course.workspace import Which, Workspace, WorkspaceError, as_typed

AT_ONCE = 2  # lessons of `--all`, each of several workers


@dataclass(frozen=True)
class Choice:
    """What the options of `course check` (and `serve`, `diff`) choose."""

    slug: str | None = None
    starter: bool = False
    solution: bool = False
    path: Path | None = None
    every: bool = False


@dataclass(frozen=True)
class Target:
    """One lesson and the folder that stands for it. `name` is what the verdict calls it.

    `just_started`: the folder is a copy that was made for this very check.
    """

    lesson: Lesson
    folder: Path
    name: str
    just_started: bool = False


def targets(choice: Choice, workspace: Workspace) -> list[Target]:
    """What to grade; a lesson without work is started. `WorkspaceError` when the options clash."""
    course = workspace.course()
    if choice.starter + choice.solution + (choice.path is not None) > 1:
        raise WorkspaceError("choose one of --starter, --solution and --path.")
    if choice.every and (choice.slug or choice.path):
        raise WorkspaceError("--all goes with neither a lesson nor --path.")
    which: Which = "starter" if choice.starter else "solution" if choice.solution else "work"
    if choice.every:
        return all_targets(course, workspace, which)
    lesson = course.lesson(choice.slug) if choice.slug else workspace.current_lesson(course)
    if choice.path is not None:
        if choice.path.is_file():
            raise WorkspaceError(f"{choice.path} is a file; give the folder it lies in.")
        if not choice.path.is_dir():
            raise WorkspaceError(f"there is no folder {choice.path}.")
        return [Target(lesson, choice.path, f"{choice.path}/")]
    folder = workspace.folder(lesson, which)
    just_started = which == "work" and not folder.exists()
    if just_started:
        workspace.start(lesson)
    return [Target(lesson, folder, which, just_started)]


def all_targets(course: Course, workspace: Workspace, which: Which) -> list[Target]:
    """Every lesson of starter or solution; of the work, the lessons one has started."""
    found = [
        Target(lesson, workspace.folder(lesson, which), which)
        for lesson in course.lessons
        if workspace.folder(lesson, which).is_dir()
    ]
    if not found:
        raise WorkspaceError(
            f"no lesson has been started yet; `{as_typed('start basic')}` starts the first."
        )
    return found


def run_check(
    choice: Choice, *, json: str | None = None, junit: Path | None = None, details: bool = False
) -> int:
    """Grade what was chosen once; returns the exit code."""
    from course.reporting.files import junit_xml, verdict_json, verdicts_json, write_report
    from course.reporting.terminal import make_console, show_all, show_verdict

    workspace = Workspace.here()
    chosen = targets(choice, workspace)
    console = make_console(stderr=json == "-")
    install_what_suites_need(
        workspace.content, [workspace.suite(target.lesson) for target in chosen]
    )
    verdicts = grade_targets(chosen, workspace)
    for target, verdict in zip(chosen, verdicts, strict=True):
        if target.name == "work":
            remember_verdict(workspace, target.lesson, verdict)
    if json is not None:
        write_report(verdicts_json(verdicts) if choice.every else verdict_json(verdicts[0]), json)
    if junit is not None:
        write_report(junit_xml(verdicts), junit)
    if json != "-" and choice.every:
        show_all(verdicts, console, next_step=next_of_all(chosen, verdicts))
    elif json != "-":
        target, verdict = chosen[0], verdicts[0]
        say_what_changed(target, workspace)
        say_where_it_is(target, workspace)
        show_verdict(
            verdict,
            console,
            next_step=as_typed(f"check {target.lesson.slug} --watch")
            if target.just_started
            else next_step(workspace, target.lesson, verdict),
            compare=as_typed(f"solution {target.lesson.slug}"),
            detail="all" if details else "first",
        )
    return max(verdict.exit_code for verdict in verdicts)


def grade_targets(chosen: Sequence[Target], workspace: Workspace) -> list[Verdict]:
    """Grade one target cold, and several side by side: warm parents pay off from the second on."""
    if len(chosen) == 1:
        return [grade_target(chosen[0], workspace, ColdRunner())]
    suites = [workspace.suite(target.lesson) for target in chosen]

    def grade_beside_others(target: Target) -> Verdict:
        with pool.runner() as runner:
            return grade_target(target, workspace, runner)

    with RunnerPool(lambda: best_runner(suites), AT_ONCE) as pool:
        return list(pool.map(grade_beside_others, chosen))


def grade_target(
    target: Target,
    workspace: Workspace,
    runner: Runner,
    first: Sequence[str] = (),
    on_test: Callable[[str, TestVerdict], None] = lambda exercise, test: None,
) -> Verdict:
    """Grade one target, without remembering anything."""
    return grade(
        target.lesson,
        target.folder,
        workspace.suite(target.lesson),
        target=target.name,
        page=workspace.shown_page(target.lesson),
        first=first,
        on_test=on_test,
        runner=runner,
    )


def next_of_all(chosen: Sequence[Target], verdicts: Sequence[Verdict]) -> str:
    """Go on with the first lesson that does not pass."""
    for target, verdict in zip(chosen, verdicts, strict=True):
        if verdict.outcome != "passed":
            return as_typed(f"check {target.lesson.slug}")
    return as_typed("")


def say_what_changed(target: Target, workspace: Workspace) -> None:
    """Tell that an update of the course has changed a lesson since its work began."""
    if target.name == "work" and workspace.changed_since_start(target.lesson):
        slug = target.lesson.slug
        print(
            f"The course has changed lesson {slug} since you started it; "
            f"your files are as they were. `{as_typed(f'diff {slug} --starter')}` shows the "
            "difference.",
            file=sys.stderr,
        )


def say_where_it_is(target: Target, workspace: Workspace) -> None:
    """Tell a learner whose lesson has just been started which files to read and to edit."""
    if target.just_started:
        print(*workspace.whereabouts(target.lesson), "", sep="\n")


def watch(choice: Choice) -> int:
    """Check at each save until Ctrl-C; returns the exit code of the last verdict."""
    from course.reporting.live import LiveCheck
    from course.reporting.terminal import make_console, show_verdict

    workspace = Workspace.here()
    (target,) = targets(choice, workspace)
    console = make_console()
    saved = threading.Event()
    saved.set()
    verdict: Verdict | None = None
    say_what_changed(target, workspace)
    say_where_it_is(target, workspace)
    install_what_suites_need(workspace.content, [workspace.suite(target.lesson)])
    with best_runner([workspace.suite(target.lesson)]) as runner, LiveCheck(console) as live:

        def on_save() -> None:
            saved.set()
            runner.cancel()

        watcher = SaveWatcher(target.folder, on_save)
        watcher.start()
        try:
            while True:
                wait_for(saved)
                saved.clear()
                live.start(target.lesson)
                with suppress(Cancelled):
                    failed = failed_tests(verdict) if verdict else ()
                    verdict = grade_target(target, workspace, runner, failed, live.test)
                    live.finish(verdict)
                    if target.name == "work" and target.folder.is_dir():
                        remember_verdict(workspace, target.lesson, verdict)
                    show_verdict(
                        verdict,
                        console,
                        next_step=next_step(workspace, target.lesson, verdict, watching=True),
                        compare=as_typed(f"solution {target.lesson.slug}"),
                    )
                    say_watching(watcher)
        except KeyboardInterrupt:
            return verdict.exit_code if verdict else 1
        finally:
            watcher.stop()


def say_watching(watcher: SaveWatcher) -> None:
    how = " (by looking at the files: no file events arrive)" if watcher.polling else ""
    print(f"watching {watcher.folder}{how}; Ctrl-C ends", flush=True)


def wait_for(saved: threading.Event) -> None:
    """Wait in a way that Ctrl-C interrupts on every system."""
    while not saved.wait(1.0):
        pass


def failed_tests(verdict: Verdict) -> tuple[str, ...]:
    return tuple(
        test.name
        for exercise in verdict.exercises
        for test in exercise.tests
        if test.outcome != "passed"
    )
