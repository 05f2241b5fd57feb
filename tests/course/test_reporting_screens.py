"""The exact screens, at width 80 where nothing else is said."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import course
from course.catalog import Exercise, Lesson
from course.grading.verdict import (
    Evidence,
    ExerciseVerdict,
    Moment,
    Outcome,
    TestVerdict,
    Verdict,
    outcome_of,
)
from course.reporting import timeline
from course.reporting.live import LiveCheck
from course.reporting.page import Page
from course.reporting.terminal import (
    Standing,
    make_console,
    show_all,
    show_course,
    show_verdict,
)
from course.reporting.texts import Message, printed_lines, shortened, spoken, visible

LOOK = (
    "\nIs the whole answer collected before it is yielded?"
    "  lessons/03_streaming/README.md#yield-as-it-comes"
)
NO_REDIS = "There is no Redis on port 6379.\nStart one, then check again: docker run redis"
HELD_BACK = Evidence(
    sent={
        "method": "POST",
        "path": "/stream",
        "headers": {"content-type": "application/json"},
        "body": '{"query": "Name a river."}',
    },
    received={"status": 200, "headers": {"content-type": "text/event-stream"}, "body": ""},
    timeline=(
        Moment(1, "client", "POST /stream"),
        Moment(3, "client", "got 200, reads on"),
        Moment(6, "app", "POST /chat/completions"),
        Moment(8, "LLM", "sent chunk 1"),
        Moment(9, "LLM", "holding chunk 2"),
        Moment(2012, "client", "leaves"),
        Moment(2013, "LLM", "client left"),
    ),
)
TRACEBACK = """\
INFO:     Started server process [4711]
INFO:     Waiting for application startup.
INFO:     Application startup complete.
asking the LLM
Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/starlette/routing.py", line 73, in app
    response = await f(request)
               ^^^^^^^^^^^^^^^^
  File "/srv/ada/work/03_streaming/app.py", line 31, in stream
    text = chunk["choices"]
KeyError: 'choices'
"""


def make_test(
    name: str, outcome: Outcome = "passed", message: str = "", **more: Any
) -> TestVerdict:
    return TestVerdict(name, outcome, message, **more)


def exercise(slug: str, title: str, *tests: TestVerdict, stretch: bool = False) -> ExerciseVerdict:
    outcome = outcome_of(tests)
    return ExerciseVerdict(slug, title, stretch, outcome, int(outcome == "passed"), tests)


def verdict(*exercises: ExerciseVerdict, target: str = "work") -> Verdict:
    core = [one for one in exercises if not one.stretch]
    outcomes = {one.outcome for one in core}
    return Verdict(
        lesson="streaming",
        target=target,
        outcome="error"
        if "error" in outcomes
        else "passed"
        if outcomes == {"passed"}
        else "failed",
        points=sum(one.points for one in core),
        max_points=len(core),
        duration_ms=1234.5,
        exercises=exercises,
    )


def framing() -> ExerciseVerdict:
    return exercise("framing", "the text arrives byte for byte", make_test("test_a"))


def first_token() -> ExerciseVerdict:
    sentence = (
        "The LLM sent its first token and then waited for you. "
        "Two seconds later no event had reached the client."
    )
    return exercise(
        "first-token",
        "the first event arrives before the second token exists",
        make_test("test_the_answer_is_a_stream"),
        make_test(
            "test_the_first_event_arrives_early",
            "failed",
            sentence + LOOK,
            evidence=HELD_BACK,
            printed=TRACEBACK,
        ),
        make_test("test_each_token_is_an_event_of_its_own", "failed", "Two in one." + LOOK),
    )


def partly_failed() -> Verdict:
    return verdict(
        framing(),
        first_token(),
        exercise(
            "headers",
            "the headers keep proxies from collecting",
            make_test("test_h", "failed", "The answer has no Cache-Control header." + LOOK),
        ),
        exercise("shared", "two processes share", make_test("test_s", "not_run", NO_REDIS)),
        exercise("degraded", "Redis may go", make_test("test_d", "not_run", NO_REDIS)),
        exercise(
            "resume",
            "a lost stream goes on where it was",
            make_test("test_r", "failed", "We asked for event 4 and got event 1." + LOOK),
            stretch=True,
        ),
    )


def screen(show: Callable[[Console], None], width: int = 80) -> str:
    file = io.StringIO()
    show(Console(file=file, width=width, color_system=None, force_terminal=False))
    return file.getvalue()


def verdict_screen(shown: Verdict, next_step: str = "", width: int = 80) -> str:
    compare = f"course solution {shown.lesson}"
    return screen(
        lambda console: show_verdict(shown, console, next_step=next_step, compare=compare), width
    )


def test_a_partly_failed_check_shows_its_first_failure_in_full() -> None:
    assert (
        verdict_screen(partly_failed(), "course hint streaming first-token")
        == """\
streaming · 1 of 5 exercises, 1 point

  passed   framing      the text arrives byte for byte
  failed   first-token  the first event arrives before the second token exists
  failed   headers      the headers keep proxies from collecting
           The answer has no Cache-Control header.
  not run  shared       two processes share
           There is no Redis on port 6379.
           Start one, then check again: docker run redis
  not run  degraded     Redis may go
           For the same reason as shared.

  stretch
  failed   resume       a lost stream goes on where it was
           We asked for event 4 and got event 1.

  first-token

    The LLM sent its first token and then waited for you. Two seconds later no
    event had reached the client.
    Nor does this hold: each token is an event of its own.

    sent       POST /stream
               {"query": "Name a river."}
    came back  200, no body
               content-type: text/event-stream

    client        app           LLM
    > POST /stream              |
    > got 200, reads on         |
    |             > POST /chat/completions
    |             |             > sent chunk 1
    |             |             > holding chunk 2
    :             :             : 2 s later
    > leaves      |             |
    |             |             > client left

    The app printed meanwhile:
      asking the LLM
      Traceback (most recent call last):
        File "/srv/ada/work/03_streaming/app.py", line 31, in stream
          text = chunk["choices"]
      KeyError: 'choices'

    Is the whole answer collected before it is yielded?
    lessons/03_streaming/README.md#yield-as-it-comes

  next: course hint streaming first-token
"""
    )


def test_the_same_check_at_width_40() -> None:
    shown = verdict_screen(verdict(framing(), first_token()), "course hint", width=40)
    assert (
        shown
        == """\
streaming · 1 of 2 exercises, 1 point

  passed  framing
      the text arrives byte for byte
  failed  first-token
      the first event arrives before the
      second token exists

  first-token

    The LLM sent its first token and
    then waited for you. Two seconds
    later no event had reached the
    client.
    Nor does this hold: each token is an
    event of its own.

    sent       POST /stream
               {"query": "Name a
               river."}
    came back  200, no body
               content-type:
               text/event-stream

    client   app      LLM
    > POST /stream    |
    > got 200, reads on
    |        > POST /chat/completions
    |        |        > sent chunk 1
    |        |        > holding chunk 2
    :        :        : 2 s later
    > leaves |        |
    |        |        > client left

    The app printed meanwhile:
      asking the LLM
      Traceback (most recent call last):
        File
      "/srv/ada/work/03_streaming/app.py
      ", line 31, in stream
          text = chunk["choices"]
      KeyError: 'choices'

    Is the whole answer collected before
    it is yielded?
    lessons/03_streaming/README.md#yield-as-it-comes

  next: course hint
"""
    )


def test_all_details_show_every_failure_in_full() -> None:
    shown = screen(
        lambda console: show_verdict(partly_failed(), console, next_step="", detail="all")
    )
    assert shown.count("lessons/03_streaming/README.md#yield-as-it-comes") == 3
    assert "\n  headers\n\n    The answer has no Cache-Control header.\n" in shown


def test_an_app_that_does_not_start_is_said_once() -> None:
    message = (
        "The app cannot be imported.\n"
        "app.py, line 3: import httpxx\n"
        "ModuleNotFoundError: No module named 'httpxx'"
    )
    start = make_test("test_the_app_starts", "failed", message)
    slugs = ("framing", "first-token", "hang-up", "concurrent", "errors", "headers", "heartbeat")
    shown = verdict(
        *(exercise(slug, "title", start) for slug in slugs),
        exercise("resume", "title", start, stretch=True),
    )
    assert (
        verdict_screen(shown, "course check streaming")
        == """\
streaming · 0 of 7 exercises, 0 points

    The app cannot be imported.
    app.py, line 3: import httpxx
    ModuleNotFoundError: No module named 'httpxx'

  failed  framing, first-token, hang-up, concurrent, errors, headers, heartbeat,
          resume (stretch)

  next: course check streaming
"""
    )


def test_a_syntax_error_keeps_its_marker_in_place() -> None:
    message = "app.py, line 1: a syntax error: '(' was never closed\n    def f(:\n         ^"
    start = make_test("test_the_app_starts", "failed", message)
    shown = verdict_screen(verdict(exercise("a", "A", start), exercise("b", "B", start)))
    assert "\n        def f(:\n             ^\n" in shown


def test_a_fault_of_the_course_is_not_put_on_the_learner() -> None:
    broken = make_test("test_b", "error", "\n".join(f"line {n}" for n in range(1, 23)))
    shown = verdict(
        exercise("a", "first", make_test("test_a", "failed", "It does not hold." + LOOK)),
        exercise("b", "second", broken),
    )
    lines = "\n".join(f"    line {n}" for n in range(3, 23))
    assert (
        verdict_screen(shown)
        == f"""\
streaming · could not be graded

  failed  a  first
          It does not hold.
  error   b  second

  b

    … (2 lines before)
{lines}

  This is a fault of the course, not of your app: please report it with the text
  above.
"""
    )


def test_a_passed_check_says_what_to_do_next() -> None:
    shown = verdict(
        framing(),
        exercise(
            "resume",
            "a lost stream goes on where it was",
            make_test("test_r", "failed", "We asked for event 4 and got event 1." + LOOK),
            stretch=True,
        ),
    )
    assert (
        verdict_screen(shown, "course start auth")
        == """\
streaming · 1 of 1 exercise, 1 point

  passed  framing  the text arrives byte for byte

  stretch
  failed  resume   a lost stream goes on where it was
          We asked for event 4 and got event 1.

  Left, if you like: resume (stretch, no points).
  To compare with another way of doing it:
    course solution streaming

  next: course start auth
"""
    )


def test_after_the_last_lesson_the_solution_is_named_once() -> None:
    shown = verdict_screen(verdict(framing()), "course solution streaming")
    assert shown.count("course solution streaming") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("test_the_body_is_kept", "the body is kept"),
        ("test_the_body_is_kept[no-text]", "the body is kept (no-text)"),
    ],
)
def test_the_name_of_a_test_is_a_sentence(name: str, sentence: str) -> None:
    assert spoken(name) == sentence


def test_the_solution_is_not_compared_with_itself() -> None:
    shown = verdict_screen(verdict(framing(), target="solution"))
    assert (
        shown
        == """\
streaming · solution · 1 of 1 exercise, 1 point

  passed  framing  the text arrives byte for byte
"""
    )


def test_a_hostile_app_cannot_act_on_the_screen() -> None:
    evil = "[/foo] [red]x[/red] \x1b[31mred \x00 \udc80 \u202e \U0001f600"
    evidence = Evidence(
        sent={"method": "POST", "path": "/query", "headers": {}, "body": "\x1b]0;title\x07"},
        received={"status": 500, "headers": {"x-cache": "\x1b[2J"}, "body": "z" * 1000},
        timeline=(Moment(1, "app", evil), Moment(2, "LLM", "\x1b[1m")),
    )
    failed = make_test(
        "test_a",
        "failed",
        evil + "\x1b" + LOOK,
        evidence=evidence,
        printed="\x1b[2J" + "p" * 10_000,
    )
    spelled = "[/foo] [red]x[/red] \\x1b[31mred \\x00 \\udc80 \\u202e \U0001f600"
    body = "\n".join("               " + "z" * 65 for _ in range(8))
    assert (
        verdict_screen(verdict(exercise("a", "[/foo]", failed), framing()))
        == f"""\
streaming · 1 of 2 exercises, 1 point

  failed  a        [/foo]
  passed  framing  the text arrives byte for byte

  a

    {spelled}\\x1b

    sent       POST /query
               \\x1b]0;title\\x07
    came back  500
               x-cache: \\x1b[2J
{body}
               … (480 more characters)

    app           LLM
    > {spelled}
    |             > \\x1b[1m

    The app printed meanwhile:
      \\x1b[2J{"p" * 67}
      {"p" * 74}
      {"p" * 15} … (9764 characters left out) …
      {"p" * 74}
      {"p" * 6}

    Is the whole answer collected before it is yielded?
    lessons/03_streaming/README.md#yield-as-it-comes
"""
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_paragraph_is_wider_than_the_screen(width: int) -> None:
    failed = make_test("test_a", "failed", "日本" * 300 + " " + "x" * 5000, printed="日" * 500)
    shown = verdict_screen(verdict(exercise("a", "t" * 300, failed), framing()), width=width)
    assert max(Console().measure(line).maximum for line in shown.split("\n")) <= min(width, 100)


def test_where_you_are() -> None:
    standings = [
        Standing("basic", "Basic API structure", 5, 5, "passed"),
        Standing("streaming", "An answer token by token", 2, 8, "started", current=True),
        Standing("auth", "Who may ask, and how often", 0, 8, "not started"),
    ]
    shown = screen(lambda console: show_course(standings, console, next_step="course check"))
    assert (
        shown
        == """\
course · 7 of 21 points

  passed       basic      5 of 5  Basic API structure
> started      streaming  2 of 8  An answer token by token
  not started  auth       0 of 8  Who may ask, and how often

  next: course check
"""
    )


def test_all_lessons_have_a_line_each_and_a_sum() -> None:
    error = verdict(exercise("a", "A", make_test("test_a", "error", "boom")))
    verdicts = [verdict(framing()), partly_failed(), error]
    assert (
        screen(lambda console: show_all(verdicts, console, next_step="course check"))
        == """\
3 lessons · 2 of 7 points

  passed  streaming  1 of 1
  failed  streaming  1 of 5  first-token, headers, shared, degraded
  error   streaming  0 of 1  a

  An error is the course's own fault; check that lesson alone to read it.

  next: course check
"""
    )


# The console


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def printed_on(stream: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch, shown: Verdict) -> bytes:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    show_verdict(shown, make_console(), next_step="")
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal(io.BytesIO(), encoding="utf-8")
    assert b"\x1b[32mpassed\x1b[0m" in printed_on(stream, monkeypatch, verdict(framing()))


def test_no_color_and_a_pipe_get_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(io.BytesIO(), encoding="utf-8")
    assert b"\x1b" not in printed_on(terminal, monkeypatch, partly_failed())
    monkeypatch.delenv("NO_COLOR")
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert b"\x1b" not in printed_on(pipe, monkeypatch, partly_failed())


def test_what_others_print_on_the_console_is_no_encoding_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    make_console().print("日")
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    assert stream.buffer.getvalue() == b"\\u65e5\n"


def test_a_pipe_is_80_columns_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert make_console(stderr=True).width == 80


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-16"])
def test_every_encoding_can_show_every_text(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    failed = make_test("test_a", "failed", "“Zürich” → 日本… \udc80 \U0001f600" + LOOK)
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    written = printed_on(stream, monkeypatch, verdict(exercise("a", "A", failed), framing()))
    sentence = {
        "ascii": '"Z\\xfcrich" -> \\u65e5\\u672c... \\udc80 \\U0001f600',
        "cp1252": "“Zürich” -> \\u65e5\\u672c… \\udc80 \\U0001f600",
        "cp437": '"Zürich" -> \\u65e5\\u672c... \\udc80 \\U0001f600',
        "utf-16": "“Zürich” → 日本… \\udc80 \U0001f600",
    }
    assert f"    {sentence[encoding]}\n" in written.decode(encoding)


# Texts


def test_what_does_not_print_is_spelled_out() -> None:
    assert visible("a\x1b\t\r\x85\u200b\u2028\ud800\nb é 😀") == (
        "a\\x1b\\t\\r\\x85\\u200b\\u2028\\ud800\nb é 😀"
    )


def test_a_message_is_taken_apart() -> None:
    assert Message.read(
        "It broke.\nKeyError: 'a'\nWhy?  lessons/01_basic/README.md#why"
    ) == Message("It broke.", ("KeyError: 'a'",), "Why?", "lessons/01_basic/README.md#why")
    assert Message.read("It broke.\nKeyError: 'a'") == Message("It broke.", ("KeyError: 'a'",))
    assert Message.read("") == Message("")


def test_a_long_text_keeps_both_ends() -> None:
    assert shortened("a" * 50 + "b" * 50, 30) == "a" * 20 + (
        " … (70 characters left out) … " + "b" * 10
    )
    assert shortened("short", 30) == "short"


def test_what_the_libraries_did_is_left_out_of_a_traceback_group() -> None:
    printed = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "/usr/lib/python3.11/asyncio/base.py", line 1, in run\n'
        "  |     go()\n"
        '  |   File "/srv/ada/app.py", line 2, in query\n'
        "  |     1 / 0\n"
        "  | ZeroDivisionError: division by zero\n"
    )
    assert printed_lines(printed) == [
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "/srv/ada/app.py", line 2, in query',
        "  |     1 / 0",
        "  | ZeroDivisionError: division by zero",
    ]


def test_a_line_printed_again_and_again_is_shown_once() -> None:
    assert printed_lines("a\nb\nb\nb\na\n\n\nc\n") == ["a", "b  (3 times)", "a", "", "c"]


def test_the_servers_own_start_is_not_shown() -> None:
    assert printed_lines("INFO:     Started server process [1]\r\n\r\n") == []


# The timeline


def drawn(*moments: Moment, width: int = 76) -> list[str]:
    return timeline.draw(moments, width, Page(Console(file=io.StringIO(), width=80)).wrapped)


def test_a_lane_without_moments_is_not_drawn() -> None:
    assert drawn(Moment(0, "client", "POST /query"), Moment(5, "client", "got 500")) == [
        "client",
        "> POST /query",
        "> got 500",
    ]


def test_the_drawing_is_the_same_on_a_slow_machine() -> None:
    fast = drawn(Moment(0, "client", "asks"), Moment(499, "LLM", "a"), Moment(2400, "LLM", "b"))
    slow = drawn(Moment(9, "client", "asks"), Moment(700, "LLM", "a"), Moment(2800, "LLM", "b"))
    assert fast == slow
    assert fast == [
        "client        LLM",
        "> asks        |",
        ":             : 0.5 s later",
        "|             > a",
        ":             : 2 s later",
        "|             > b",
    ]


def test_what_repeats_is_drawn_once() -> None:
    moments = [
        moment
        for n in range(10)
        for moment in (Moment(n, "client", "POST /query"), Moment(n, "LLM", "answered 200"))
    ]
    assert drawn(*moments, Moment(11, "client", "got 429")) == [
        "client        LLM",
        "> POST /query |",
        "|             > answered 200",
        ":             : these 2 lines 9 times more",
        "> got 429     |",
    ]


def test_what_counts_up_is_drawn_once() -> None:
    chunks = [Moment(n, "LLM", f"sent chunk {n}") for n in range(9, 33)]
    assert drawn(
        *chunks, Moment(33, "LLM", "sent chunk 40"), Moment(34, "LLM", "answered 200")
    ) == [
        "LLM",
        "> sent chunk 9 to 32",
        "> sent chunk 40",
        "> answered 200",
    ]


def test_two_in_a_row_stay_two() -> None:
    assert drawn(Moment(0, "client", "got 429"), Moment(1, "client", "got 430")) == [
        "client",
        "> got 429",
        "> got 430",
    ]


def test_a_long_label_goes_on_in_its_lane() -> None:
    assert drawn(Moment(0, "app", "one two three four"), Moment(1, "LLM", "x"), width=20) == [
        "app      LLM",
        "> one two three",
        "| four   |",
        "|        > x",
    ]


def test_a_body_of_several_lines_leaves_no_blanks_at_line_ends() -> None:
    received = {"status": 200, "headers": {}, "body": "data: a\n\ndata: b\n\n"}
    evidence = Evidence(HELD_BACK.sent, received)
    failed = make_test("test_a", "failed", "No end." + LOOK, evidence=evidence)
    shown = verdict_screen(verdict(exercise("a", "A", failed), framing()))
    assert "    came back  200\n               data: a\n\n               data: b\n\n" in shown


def test_twice_the_same_is_drawn_twice() -> None:
    twice = drawn(Moment(0, "client", "got 200"), Moment(1, "client", "got 200"))
    assert twice == ["client", "> got 200", "> got 200"]


def test_of_several_requests_the_last_is_shown_and_called_so() -> None:
    moments = (Moment(0, "client", "GET /health"), *HELD_BACK.timeline)
    evidence = Evidence(HELD_BACK.sent, None, moments)
    failed = make_test("test_a", "failed", "No end." + LOOK, evidence=evidence)
    shown = verdict_screen(verdict(exercise("a", "A", failed), framing()))
    assert "    last sent  POST /stream\n" in shown
    assert "    came back  nothing\n" in shown


def test_a_lesson_of_one_exercise_shows_its_evidence() -> None:
    failed = make_test("test_a", "failed", "No end." + LOOK, evidence=HELD_BACK)
    shown = verdict_screen(verdict(exercise("a", "the title", failed)))
    assert "  failed  a  the title\n\n  a\n\n    No end.\n\n    sent       POST /stream\n" in shown


def test_forty_moments_stay_readable() -> None:
    moments = [Moment(n, "client", f"message: {n} tokens") for n in range(40)]
    assert len(drawn(*moments)) == 41


# The live list


LESSON = Lesson(
    "streaming",
    "03_streaming",
    "Streaming",
    (Exercise("framing", "the text arrives", ()), Exercise("first-token", "early", ())),
)


def test_in_a_pipe_each_test_is_a_line() -> None:
    def run(console: Console) -> None:
        with LiveCheck(console) as live:
            live.start(LESSON)
            live.test("framing", make_test("test_the_text_is_whole"))
            live.test("first-token", make_test("test_it_is_early", "failed", "It is late."))
            live.finish(verdict(framing(), first_token()))

    assert (
        screen(run)
        == """\
streaming · checking
  passed   framing: the text is whole
  failed   first-token: it is early
streaming · failed, 1 of 2 points
"""
    )


def test_in_a_terminal_the_list_fills_in_and_goes_away() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system=None)
    with LiveCheck(console) as live:
        live.start(LESSON)
        live.test("framing", make_test("test_a"))
        live.test("framing", make_test("test_b", "failed", "No."))
        assert "  framing      1 passed, 1 failed\n  first-token" in file.getvalue()
        live.start(LESSON)
        assert file.getvalue().endswith("  framing\n  first-token")
        assert "\x1b[?25h" in file.getvalue()
    assert file.getvalue().endswith("\x1b[2K")


def test_a_dumb_terminal_gets_lines_as_a_pipe_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    file = io.StringIO()
    with LiveCheck(Console(file=file, width=80, force_terminal=True, color_system=None)) as live:
        live.start(LESSON)
        live.test("framing", make_test("test_a"))
    assert file.getvalue() == "streaming · checking\n  passed   framing: a\n"


def test_json_and_junit_do_without_rich() -> None:
    program = "import sys, course.reporting.files; sys.exit('rich' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(course.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0
