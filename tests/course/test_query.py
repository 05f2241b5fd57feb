"""`course query`: what is sent, what comes back on the screen and as JSON, and the exit code."""

import io
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served_process import LIMIT, served

from course.serving import Refused
from course.serving.answers import Answer, Event, Times, figures
from course.serving.query import Asked, question_of, run_query

Respond = Callable[[BaseHTTPRequestHandler], None]
TEXT = "Why is the sky blue?"


class App(ThreadingHTTPServer):
    """An app that answers as a test says, and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.respond: Respond = lambda to: answer(to, 200, {"response": "Rayleigh", "model": "m"})
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                app.asked.append((self.path, headers, json.loads(body)))
                app.respond(self)

            def log_message(self, *arguments: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def app() -> Iterator[App]:
    with App() as app:
        thread = threading.Thread(target=app.serve_forever, args=(0.01,))
        thread.start()
        yield app
        app.shutdown()
        thread.join()


def answer(to: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    to.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"content-type": "application/json", **named}.items():
        to.send_header(name, value)
    to.send_header("content-length", str(len(content)))
    to.end_headers()
    to.wfile.write(content)


def events(to: BaseHTTPRequestHandler, *frames: str) -> None:
    to.send_response(200)
    to.send_header("content-type", "text/event-stream; charset=utf-8")
    to.end_headers()
    for frame in frames:
        to.wfile.write(f"{frame}\n\n".encode())


def text(piece: str) -> str:
    return f"data: {json.dumps({'text': piece})}"


DONE = 'event: done\ndata: {"model": "m", "tokens_used": 3, "finish_reason": "stop"}'


def ask(app: App, **asked: Any) -> int:
    if "batch" not in asked:
        asked = {"text": TEXT, **asked}
    return run_query(Asked(app.url, **asked))


def asked_for_json(
    app: App, capsys: pytest.CaptureFixture[str], **asked: Any
) -> tuple[int, dict[str, Any]]:
    code = run_query(Asked(app.url, **{"text": TEXT, **asked}), as_json=True)
    return code, json.loads(capsys.readouterr().out)


# What is sent.


def test_a_header_of_ones_own_is_sent(app: App) -> None:
    assert ask(app, headers=("X-Request-ID: 7", "Cache-Control:no-cache")) == 0
    headers = app.asked[0][1]
    assert (headers["x-request-id"], headers["cache-control"]) == ("7", "no-cache")


@pytest.mark.parametrize("header", ["no colon", ": no name", "two words: 1", "a: 1\r\nb: 2"])
def test_a_header_that_is_none_is_refused(app: App, header: str) -> None:
    with pytest.raises(Refused, match="--header"):
        ask(app, headers=(header,))


def test_a_text_goes_to_query_with_token_and_tenant(app: App) -> None:
    assert ask(app, token="alice-token", tenant="acme") == 0
    ((path, headers, body),) = app.asked
    assert (path, body) == ("/query", {"query": TEXT})
    assert headers["authorization"] == "Bearer alice-token"
    assert headers["x-tenant-id"] == "acme"


def test_another_field_may_carry_the_text(app: App) -> None:
    ask(app, field="question")
    assert app.asked[0][2] == {"question": TEXT}


def test_a_token_may_hold_any_character_of_a_line() -> None:
    question = question_of(Asked("http://app.test", TEXT, token="clé"))
    assert question.headers[b"authorization"] == "Bearer clé".encode()


def test_a_url_with_a_path_is_kept() -> None:
    assert question_of(Asked("https://app.test/v2/", TEXT)).url == "https://app.test/v2/query"


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        ("What is rain?\n\n  Who am I?  \n", ["What is rain?", "Who am I?"]),
        ('["What is rain?", "two\\nlines"]', ["What is rain?", "two\nlines"]),
        ("[]", []),
        ("\ufeffEinzeln", ["Einzeln"]),
    ],
    ids=["lines", "JSON", "an empty array", "a byte order mark"],
)
def test_a_file_is_a_batch(app: App, tmp_path: Path, content: str, sent: list[str]) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(content, encoding="utf-8")
    ask(app, batch=str(file))
    assert app.asked[0][0] == "/batch-query"
    assert app.asked[0][2] == sent


def test_standard_input_is_a_batch(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'["one", "two"]')))
    ask(app, batch="-")
    assert app.asked[0][2] == ["one", "two"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "ask something"),
        ({"text": TEXT, "url": "localhost:8000"}, "--url is a URL such as"),
        ({"text": TEXT, "batch": "-"}, "--batch goes with neither a text nor --stream"),
        ({"batch": "-", "stream": True}, "--batch goes with neither a text nor --stream"),
        ({"batch": "no-such-file"}, "no-such-file cannot be read"),
        ({"text": TEXT, "token": "a\r\nX-Admin: yes"}, "--token must be one line"),
    ],
)
def test_what_makes_no_request_is_refused(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        question_of(Asked(**{"url": "http://app.test", **asked}))


# What comes back.


def test_an_answer_is_shown_with_the_headers_that_matter(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"response": "Because\nof Rayleigh.", "model": "gpt-4", "tokens_used": 12}
    app.respond = lambda to: answer(to, 200, body, X_Cache="HIT", X_Request_ID="r-1", X_Other="no")
    assert ask(app) == 0
    *lines, times, _ = capsys.readouterr().out.split("\n")
    assert lines == [
        "200 OK",
        "  x-request-id  r-1",
        "  x-cache       HIT",
        "",
        "Because",
        "of Rayleigh.",
        "",
        "model: gpt-4",
        "tokens_used: 12",
        "",
    ]
    assert times.endswith(" s")


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (503, {"detail": "The LLM is busy."}, "503 Service Unavailable\n\nThe LLM is busy.\n"),
        (
            422,
            {"detail": [{"loc": ["body", "query"], "msg": "Field required", "type": "missing"}]},
            "422 Unprocessable Entity\n\nbody.query: Field required\n",
        ),
        (
            401,
            {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "No token."},
            "Unauthorized\nNo token.\n\ntype: about:blank\n",
        ),
        (500, b"Internal Server Error", "500 Internal Server Error\n\nInternal Server Error\n"),
        (599, {"odd": [1]}, '599\n\n{\n  "odd": [\n    1\n  ]\n}\n'),
    ],
    ids=["detail", "validation", "problem", "text", "unknown"],
)
def test_a_failure_is_shown_in_words_and_exits_1(
    app: App, capsys: pytest.CaptureFixture[str], status: int, body: Any, shown: str
) -> None:
    app.respond = lambda to: answer(to, status, body)
    assert ask(app) == 1
    assert shown in capsys.readouterr().out


def test_the_items_of_a_batch_are_shown_beside_their_questions(
    app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    items = [
        {"query": "one?", "response": "First.", "error": None, "tokens_used": 3},
        {"query": "two?", "response": None, "error": "The LLM failed.", "tokens_used": None},
    ]
    app.respond = lambda to: answer(to, 200, items)
    (tmp_path / "questions").write_text("one?\ntwo?")
    assert ask(app, batch=str(tmp_path / "questions")) == 0
    shown = capsys.readouterr().out
    assert "1  one?\nFirst.\ntokens_used 3\n\n2  two?\nerror: The LLM failed.\n" in shown


def test_control_characters_of_a_server_are_shown_and_not_obeyed(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    app.respond = lambda to: answer(to, 200, {"response": "a\x1b[2Jb"}, X_Request_ID="\x1b]0;x\x07")
    ask(app)
    app.respond = lambda to: events(to, text("c\x1b[2Jd"), DONE)
    ask(app, stream=True)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\x07" not in shown
    assert "a\\x1b[2Jb" in shown and "c\\x1b[2Jd" in shown


def test_a_stream_is_shown_while_it_comes(app: App) -> None:
    seen = threading.Event()

    def respond(to: BaseHTTPRequestHandler) -> None:
        events(to, text("first "))
        assert seen.wait(LIMIT)
        to.wfile.write(f"{text('second')}\n\n{DONE}\n\n".encode())

    app.respond = respond
    with served("query", TEXT, "--stream", "--url", app.url) as asking:
        asking.wait_for("first ")
        assert "second" not in asking.output
        seen.set()
        assert asking.process.wait(LIMIT) == 0
        asking.wait_for('first second\n\ndone  {"model": "m", "tokens_used": 3')
        asking.wait_for("2 pieces")


def test_ctrl_c_ends_a_stream_without_a_traceback(app: App) -> None:
    over = threading.Event()

    def respond(to: BaseHTTPRequestHandler) -> None:
        events(to, text("first "))
        over.wait(LIMIT)

    app.respond = respond
    try:
        with served("query", TEXT, "--stream", "--url", app.url) as asking:
            asking.wait_for("first ")
            asking.process.send_signal(signal.SIGINT)
            assert asking.process.wait(LIMIT) == 130
            asking.wait_until_silent()
            assert asking.output.endswith("first \nStopped by Ctrl-C.\n")
    finally:
        over.set()


def test_ctrl_c_is_heard_by_a_loop_that_is_going_to_sleep(app: App) -> None:
    """Another thread takes the signal, so the main thread's wait is not interrupted by it."""
    heard, gave_up = threading.Event(), threading.Event()
    main = threading.get_ident()

    def respond(to: BaseHTTPRequestHandler) -> None:
        events(to, text("first "))
        if not heard.wait(LIMIT / 4):
            gave_up.set()

    def press() -> None:
        while not (app.asked and sys._current_frames()[main].f_code.co_name == "select"):
            time.sleep(0.01)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    app.respond = respond
    pressing = threading.Thread(target=press)
    pressing.start()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        assert ask(app, stream=True) == 130
        assert not gave_up.is_set()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        heard.set()
        pressing.join()


@pytest.mark.parametrize(
    ("frames", "shown"),
    [
        ([text("half")], "The stream ended without `done`: it was cut off."),
        ([text("half"), 'event: error\ndata: {"detail": "gone"}'], 'error  {"detail": "gone"}'),
    ],
    ids=["cut", "error"],
)
def test_a_stream_that_does_not_end_well_exits_1(
    app: App, capsys: pytest.CaptureFixture[str], frames: list[str], shown: str
) -> None:
    app.respond = lambda to: events(to, *frames)
    assert ask(app, stream=True) == 1
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize("repeat", [1, 3])
def test_nobody_there_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], repeat: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert run_query(Asked(url, TEXT, repeat=repeat)) == 1
    told = capsys.readouterr()
    assert told.err == f"course: nothing answers at {url}; start an app with: course serve basic\n"
    assert told.out == ""


def test_a_connection_that_breaks_is_said_in_a_sentence(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    def respond(to: BaseHTTPRequestHandler) -> None:
        to.close_connection = True

    app.respond = respond
    assert ask(app) == 1
    assert "The connection ended before the answer did" in capsys.readouterr().out


def test_when_nobody_reads_it_ends_quietly(app: App) -> None:
    command = [sys.executable, "-m", "course", "query", TEXT, "--url", app.url, "--repeat", "3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate(timeout=LIMIT)
    assert (process.returncode, complaint) == (1, b"")


# Many at once.


def test_many_answers_are_rows_and_figures(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    def respond(to: BaseHTTPRequestHandler) -> None:
        left = 3 - len(app.asked)
        if left < 0:
            answer(to, 429, {"detail": "Slow down."}, Retry_After="7", X_RateLimit_Remaining="0")
        else:
            cache = "HIT" if len(app.asked) > 1 else "MISS"
            answer(to, 200, {}, X_Cache=cache, X_RateLimit_Remaining=str(left))

    app.respond = respond
    assert ask(app, repeat=4) == 1
    header, *rows, _, total, status, cache, _, _ = capsys.readouterr().out.split("\n")
    assert header.split() == [
        "#",
        "status",
        "cache",
        "left",
        "retry",
        "after",
        "first",
        "token",
        "total",
    ]
    assert [row.split()[:-2] for row in rows] == [
        ["1", "200", "MISS", "2"],
        ["2", "200", "HIT", "1"],
        ["3", "200", "HIT", "0"],
        ["4", "429", "0", "7", "s"],
    ]
    assert total.startswith("4 answers in ")
    assert status.split(maxsplit=1) == ["status", "200: 3, 429: 1"]
    assert cache.split(maxsplit=1) == ["cache", "HIT: 2, MISS: 1"]


def test_concurrency_is_so_many_at_once_and_never_more(app: App) -> None:
    together = threading.Barrier(3)
    under_way: list[int] = []
    now = 0
    turn = threading.Lock()

    def respond(to: BaseHTTPRequestHandler) -> None:
        nonlocal now
        with turn:
            now += 1
            under_way.append(now)
        together.wait(LIMIT)  # breaks, and the test fails, when fewer than three come at once
        with turn:
            now -= 1
        answer(to, 200, {})

    app.respond = respond
    assert ask(app, repeat=6, concurrency=3) == 0
    assert len(app.asked) == 6
    assert max(under_way) == 3


def test_concurrency_alone_is_so_many_in_all(app: App) -> None:
    assert ask(app, concurrency=4) == 0
    assert len(app.asked) == 4


def test_repeat_is_how_often_also_with_more_at_once(app: App) -> None:
    assert ask(app, repeat=2, concurrency=20) == 0
    assert len(app.asked) == 2


def test_ctrl_c_sums_up_what_has_come(app: App) -> None:
    over = threading.Event()

    def respond(to: BaseHTTPRequestHandler) -> None:
        if len(app.asked) > 2:
            over.wait(LIMIT)
        answer(to, 200, {})

    app.respond = respond
    try:
        with served("query", TEXT, "--repeat", "9", "--url", app.url) as asking:
            asking.wait_for("200", times=2)
            asking.process.send_signal(signal.SIGINT)
            assert asking.process.wait(LIMIT) == 130
            asking.wait_until_silent()
            assert "\nStopped by Ctrl-C after 2 of 9.\n2 answers in " in asking.output
    finally:
        over.set()


def test_a_server_that_goes_away_midway_leaves_its_rows(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    def respond(to: BaseHTTPRequestHandler) -> None:
        if len(app.asked) == 2:
            app.socket.close()
        answer(to, 200, {})

    app.respond = respond
    code, told = asked_for_json(app, capsys, repeat=4)
    assert code == 1
    assert told["summary"]["by_status"] == {"200": 2, "none": 2}
    assert told["answers"][3]["problem"].startswith("Nothing answers any more")


def test_json_has_the_keys_that_help_names(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.respond = lambda to: events(to, text("one "), text("two"), DONE)
    code, told = asked_for_json(app, capsys, stream=True, repeat=2)
    assert code == 0
    assert list(told) == ["version", "url", "answers", "summary"]
    one = told["answers"][0]
    assert (one["number"], one["status"], one["ok"], one["text"]) == (1, 200, True, "one two")
    assert [event["event"] for event in one["events"]] == ["done"]
    assert 0 < one["first_token_seconds"] <= one["total_seconds"]
    assert (told["summary"]["count"], told["summary"]["by_status"]) == (2, {"200": 2})
    command = [sys.executable, "-m", "course", "query", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT).stdout
    for key in (*told, *one, *told["summary"], *told["summary"]["total_seconds"]):
        assert key in shown, key


# Figures.


def test_the_figures_of_times_are_times_that_were_measured() -> None:
    assert Times.of([]) is None
    assert Times.of([3.0]) == Times(3.0, 3.0, 3.0)
    hundred = [float(number) for number in range(1, 101)]
    assert Times.of(hundred) == Times(50.5, 95.0, 100.0)


def test_outcomes_are_counted_apart() -> None:
    cut = Answer(2, 200, streamed=True)
    whole = Answer(1, 200, streamed=True, events=[Event("done", {})])
    failed = Answer(3, 200, streamed=True, events=[Event("error", {})])
    nothing = Answer(4, problem="Nothing came for 120 seconds.")
    counted = figures([whole, cut, failed, nothing], 2.0)
    assert counted.by_outcome == {"200": 1, "200 cut": 1, "200 error": 1, "none": 1}
    assert counted.per_second == 2.0
