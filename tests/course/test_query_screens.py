"""The table of `course query` on a terminal: the latest rows while it fills, then the last ones."""

import io

import pytest
from rich.console import Console

from course.reporting import querying
from course.reporting.querying import ROWS_LEFT, ManyAnswers, OneAnswer
from course.serving.answers import Answer, figures


def terminal(width: int = 80, height: int = 10) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        color_system=None,
        width=width,
        height=height,
        legacy_windows=False,
    )


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def answered(number: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(number, 200, headers=named, total_seconds=0.25)


def test_at_the_end_the_last_rows_stay_with_the_figures() -> None:
    console = terminal()
    answers = [answered(number) for number in range(1, ROWS_LEFT + 6)]
    with ManyAnswers(console, len(answers)) as screen:
        for answer in answers:
            screen.end(answer)
        screen.finish(figures(answers, 1.0), stopped=False)
    last = shown(console).rpartition("#")[2].splitlines()
    assert [line.split()[0] for line in last[1:21]] == [str(n) for n in range(6, ROWS_LEFT + 6)]
    assert last[21] == "  (and 5 before)"
    assert last[23] == "25 answers in 1.00 s, 25.0 a second"


def test_while_it_fills_it_stays_within_the_terminal() -> None:
    console = terminal(height=10)
    with ManyAnswers(console, 100) as screen:
        for number in range(1, 31):
            screen._drawn_at = -1.0  # as if the last picture were old
            screen.end(answered(number))
        picture = screen._so_far()
    assert len(picture.lines) <= 10
    assert picture.lines[-1].plain == "  30 of 100"
    assert picture.lines[1].plain.split()[0] == "25"


@pytest.mark.parametrize("width", [40, 66, 80, 120])
def test_an_answer_is_one_line_of_the_table(width: int) -> None:
    console = terminal(width)
    screen = ManyAnswers(console, 1)
    hostile = answered(1, x_cache="HIT\x1b[2J" * 9, x_ratelimit_remaining="7")
    table = screen._table([hostile])
    assert [line.plain.split() for line in table.lines] == [
        ["#", "status", "cache", "left", "retry", "after", "first", "token", "total"],
        ["1", "200", "HIT\\x1b", "7", "0.25", "s"],
    ]


def one_answer(answer: Answer) -> str:
    console = terminal()
    with OneAnswer(console) as screen:
        screen.end(answer)
    return shown(console)


def test_the_end_of_a_budget_is_told_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying.time, "time", lambda: 1_795_908_087.0)
    assert "1795908138.58 (in 52 s)" in one_answer(answered(1, x_ratelimit_reset="1795908138.58"))
    assert "(in" not in one_answer(answered(1, x_ratelimit_reset="51"))
    assert "(in" not in one_answer(answered(1, x_ratelimit_reset="soon"))


def test_a_route_that_is_not_there_brings_the_others_to_mind() -> None:
    assert "--stream asks POST /stream" in one_answer(Answer(1, 404, body={"detail": "Not Found"}))
    assert "--stream" not in one_answer(answered(1))
