"""Lesson background: every answer leaves a row in a database, and no answer waits for it."""

import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from course.fake_llm import FakeLLM, Gate, Reply, Usage
from course.grading.suite import App, AppFailed, FreshApp, NoAnswer, Pending, Response

# In the app that tests share, each test asks as a user of its own, and finds its rows by that.
SETTINGS = {
    "API_KEYS": """{
        "ada-laptop": "ada", "ada-phone": "ada", "ben-laptop": "ben", "cleo-laptop": "cleo",
        "dora-laptop": "dora", "emil-laptop": "emil", "fay-laptop": "fay", "gus-laptop": "gus",
        "hal-laptop": "hal", "ida-laptop": "ida", "jon-laptop": "jon", "kim-laptop": "kim",
        "lea-laptop": "lea", "mia-laptop": "mia", "ada2-laptop": "ada2", "nil-laptop": "o'neil_%"
    }""",
    "DATABASE_URL": "sqlite:///$SCRATCH/usage.db",
    "TZ": "JST-9",  # nine hours ahead of UTC, which no row may show
}
IMPORTS = (
    "aiosqlite",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.ext.asyncio",
)
COLUMNS = {"id", "request_id", "user_id", "model", "tokens", "status", "duration_ms", "created_at"}
ADA, ADAS_PHONE, BEN, CLEO = "ada-laptop", "ada-phone", "ben-laptop", "cleo-laptop"
MALLORY = "mia-laptop"  # whose rows a database refuses in some tests
ROW_SECONDS = 5.0

T = TypeVar("T")
Row = dict[str, Any]
HOUR = timedelta(hours=1)  # tells a time in UTC from one in Tokyo, and nothing else

row = pytest.mark.exercise(
    "row",
    look="a-table-and-a-url",
    idea="What will somebody want to know of this request in a month, and where do you say it?",
)
named = pytest.mark.exercise(
    "row",
    look="one-id-for-a-request",
    idea="A caller sends you the id of an answer. Which row do you look at?",
)
after = pytest.mark.exercise(
    "after",
    look="answer-now-write-later",
    idea="Who waits for the database in your app, and who waits for them?",
)
failures = pytest.mark.exercise(
    "failures",
    look="failures-are-rows-too",
    idea="Which line of your handler is not reached when the LLM fails?",
)
isolated = pytest.mark.exercise(
    "isolated",
    look="a-bad-row-is-one-bad-row",
    idea="An exception leaves your task. What is still running, and who has heard of it?",
)
shutdown = pytest.mark.exercise(
    "shutdown",
    look="empty-the-queue-before-you-leave",
    idea="SIGTERM: your process has answered everybody. What has it not done yet?",
)
exact = pytest.mark.exercise(
    "exact",
    look="one-writer",
    idea="200 rows want to be written at the same moment. Which of them are told to wait?",
)
usage = pytest.mark.exercise(
    "usage",
    look="let-the-database-add-up",
    idea="Whose rows are counted, and what is the sum of none?",
)
durable = pytest.mark.exercise(
    "durable",
    look="write-it-down-before-you-answer",
    idea="Where is the row in the moment in which the answer leaves?",
)


# What every test does: ask, and look into the database where it lies


QUESTION = {"query": "Name a river.", "model": "tiny-2"}


def ask(app: App, token: str, request_id: str | None = None) -> Response:
    """One question with that token."""
    headers = {"Authorization": f"Bearer {token}"}
    if request_id is not None:
        headers["X-Request-ID"] = request_id
    return app.post("/query", json=QUESTION, headers=headers)


def begin(app: App, token: str) -> Pending:
    """One question with that token, whose answer is read later."""
    return app.begin("POST", "/query", json=QUESTION, headers={"Authorization": f"Bearer {token}"})


def id_of(response: Response) -> str:
    """The id under which the app has answered."""
    request_id = response.headers.get("X-Request-ID")
    assert request_id, (
        f"The answer (status {response.status}) has no X-Request-ID, so nobody can find its row."
    )
    return request_id


def database_of(app: App) -> Path:
    return Path(app.process.spec.environment["DATABASE_URL"].removeprefix("sqlite:///"))


def rows_in(database: Path) -> list[Row]:
    """All rows of usage_log; none while there is no such table."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(found) for found in db.execute("SELECT * FROM usage_log")]
    except sqlite3.OperationalError:
        return []


def rows_of(database: Path, **wanted: object) -> list[Row]:
    """The rows with these values."""
    return [found for found in rows_in(database) if has(found, wanted)]


def has(found: Row, wanted: Row) -> bool:
    return all(found.get(column) == value for column, value in wanted.items())


def values(found: Row, wanted: Row) -> Row:
    """What a row says in the columns of `wanted`."""
    return {column: found.get(column) for column in wanted}


class Waiting:
    """How often something has never come: after the second time we wait for less."""

    in_vain = 0

    @classmethod
    def limit(cls, seconds: float = ROW_SECONDS) -> float:
        return seconds if cls.in_vain < 2 else min(seconds, 1.0)


def eventually(look: Callable[[], T], within: float = ROW_SECONDS) -> T:
    """Look again and again until there is something; what was seen last."""
    deadline = time.monotonic() + Waiting.limit(within)
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    Waiting.in_vain += not seen
    return seen


def until_no_more_come(look: Callable[[], list[T]], enough: int) -> list[T]:
    """Look again and again until there are enough, or for some seconds no more have come."""
    seen = look()
    last = time.monotonic()
    while len(seen) < enough and time.monotonic() < last + ROW_SECONDS:
        time.sleep(0.05)
        if len(now := look()) > len(seen):
            seen, last = now, time.monotonic()
    return seen


def row_of(app: App, response: Response, is_right: Callable[[Row], bool] = bool) -> Row:
    """The row that an answer has left, waited for until it is right; else as it was seen last.

    An app may write a row when it begins to ask, and complete it when the LLM has answered.
    """
    request_id = id_of(response)
    found: list[Row] = []

    def look() -> bool:
        found[:] = rows_of(database_of(app), request_id=request_id)
        return bool(found) and is_right(found[0])

    eventually(look)
    assert found, (
        f"The answer (status {response.status}) had the X-Request-ID {request_id}. "
        f"No row of usage_log has it as its request_id{whats_there(database_of(app))}."
    )
    missing = sorted(COLUMNS - set(found[0]))
    assert not missing, f"The table usage_log has no column {' and no '.join(missing)}."
    return found[0]


def said_of(app: App, response: Response, true: Row) -> Row:
    """What the row of an answer says in the columns of `true`, waited for until that is true."""
    return values(row_of(app, response, lambda found: has(found, true)), true)


def whats_there(database: Path) -> str:
    if not database.exists():
        return f"; there is no database {database.name} where DATABASE_URL says"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=10)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master")]
    if "usage_log" not in tables:
        return "; there is no table of that name"
    return f"; the table has {len(rows_in(database))} rows"


def change(database: Path, *statements: str) -> None:
    """Run statements in the app's database, as a person at its console would."""
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


# row


@row
def test_an_answered_question_leaves_exactly_one_row(app: App, llm: FakeLLM) -> None:
    response = ask(app, CLEO)
    assert response.status == 200, f"A good question was answered with {response.status}."
    row_of(app, response)
    time.sleep(0.3)  # for a second one
    found = rows_of(database_of(app), user_id="cleo")
    assert len(found) == 1, f"The user cleo asked once. She has {len(found)} rows: {found}."


@row
def test_the_row_says_who_asked_which_model_answered_and_what_it_cost(
    app: App, llm: FakeLLM
) -> None:
    llm.script(Reply(model="tiny-2-0613", usage=Usage(101, 23)), Reply(usage=Usage(7, 5)))
    for token, user, model, tokens in (
        ("dora-laptop", "dora", "tiny-2-0613", 124),
        (BEN, "ben", "tiny-2", 12),
    ):
        true = {"user_id": user, "model": model, "tokens": tokens, "status": "ok"}
        said = said_of(app, ask(app, token), true)
        assert said == true, (
            f"The user {user} asked the model tiny-2; the LLM said that {model} answered, "
            f"with {tokens} tokens in all. The row says {said}."
        )


def lasted(least: float, most: float = 10.0) -> Callable[[Row], bool]:
    """Whether a row's duration_ms is that of a call which took so many seconds.

    The LLM has taken no less than it was told to, and no more than the one who asked has waited.
    """

    def is_right(found: Row) -> bool:
        took = found.get("duration_ms")
        return isinstance(took, int | float) and least * 1000 - 10 <= took <= most * 1000 + 100

    return is_right


@row
def test_the_row_says_how_long_the_llm_took(app: App, llm: FakeLLM) -> None:
    gate = Gate()
    llm.script(Reply(gate=gate), Reply())
    began = time.monotonic()
    adas = begin(app, ADA)
    gate.wait_for_waiting(1, within=10)
    time.sleep(0.4)
    bens = begin(app, BEN)
    llm.wait_for_calls(2)
    time.sleep(0.05)  # two rows of one millisecond are the business of exact
    gate.open()
    response = adas.result()
    whole = time.monotonic() - began
    bens.result()
    found = row_of(app, response, lasted(0.4, whole))
    assert lasted(0.4, whole)(found), (
        "The LLM took 0.4 seconds for ada's question, and at the end of them ben asked, too. "
        f"Ada had her answer {whole * 1000:.0f} ms after she had asked. "
        f"Her row says {found['duration_ms']!r} for duration_ms."
    )


def moment(written: object) -> datetime:
    """The time in a row: a text or a number, with a zone or in UTC."""
    if isinstance(written, int | float):
        return datetime.fromtimestamp(written / 1000 if written > 1e11 else written, UTC)
    read = datetime.fromisoformat(str(written).strip())
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def created(found: Row, earliest: datetime, latest: datetime) -> bool:
    """Whether a row says that it was created between these."""
    try:
        return earliest <= moment(found.get("created_at")) <= latest
    except ValueError:
        return False


@row
def test_the_row_says_when_in_utc(app: App, llm: FakeLLM) -> None:
    time.sleep(1.7)  # so that the time of the app's start would be too early
    before = datetime.now(UTC)
    found = row_of(app, ask(app, ADA))
    margin = timedelta(seconds=1.5)  # a row may say whole seconds
    assert created(found, before - margin, datetime.now(UTC) + margin), (
        f"We asked at {before:%H:%M:%S} UTC. The row was created at {found['created_at']!r}."
    )


@row
def test_what_is_refused_leaves_no_row(app: App, llm: FakeLLM) -> None:
    emil = {"Authorization": "Bearer emil-laptop"}
    stranger = {"Authorization": "Bearer nobody-knows-this"}
    for body, headers, status in (
        ({"query": " "}, emil, 422),
        ({"query": "Name a river.", "temperature": 9}, emil, 422),
        ({"query": "Name a river."}, stranger, 401),
        ({"query": "Name a river."}, None, 401),
    ):
        response = app.post("/query", json=body, headers=headers)
        assert response.status == status, (
            f"We sent {body} with {headers or 'no token'}. "
            f"Your app answered {response.status}, not {status}."
        )
    assert not llm.calls, "All of that was refused, and yet the LLM was called."
    row_of(app, ask(app, "emil-laptop"))
    found = rows_of(database_of(app), user_id="emil")
    assert len(found) == 1, (
        f"The LLM heard one question of emil's, two others were refused. He has {len(found)} rows."
    )


@row
def test_rows_outlive_a_restart(fresh_app: FreshApp, tmp_path: Path, llm: FakeLLM) -> None:
    database = tmp_path / "kept.db"
    change(database, "CREATE TABLE invoices (number INTEGER)")
    url = f"sqlite:///{database}"
    try:
        first = fresh_app(DATABASE_URL=url)
        old = row_of(first, ask(first, ADA))
    except AssertionError as problem:
        raise AssertionError(
            "We started your app on a database that had one table, somebody's invoices, and asked. "
            f"{problem}"
        ) from None
    first.kill()
    second = fresh_app(DATABASE_URL=url)
    new = row_of(second, ask(second, ADA))
    kept = rows_of(database_of(second), request_id=old["request_id"])
    assert kept, "The app was started again on the same database, and the row of before is gone."
    assert kept[0]["id"] != new["id"], f"Two rows have the id {new['id']!r}."


@row
def test_the_database_is_usage_db_unless_told_otherwise(
    app: App, fresh_app: FreshApp, llm: FakeLLM
) -> None:
    folder = app.process.spec.folder
    database = folder / "usage.db"
    before = set(folder.iterdir())
    request_id = ""
    default = fresh_app(DATABASE_URL=None)
    try:
        request_id = id_of(ask(default, ADA))
        found = eventually(lambda: rows_of(database, request_id=request_id))
    finally:
        default.kill()
        if database in before:  # the learner's own
            with suppress(sqlite3.OperationalError):
                change(database, f"DELETE FROM usage_log WHERE request_id = '{request_id}'")
        for path in set(folder.glob("usage.db*")) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert found, (
        "We started your app without a DATABASE_URL and asked. In its folder, usage.db has no row."
    )


@named
def test_a_sane_request_id_is_kept(app: App, llm: FakeLLM) -> None:
    for sent in (
        f"order-{llm.nonce}/7",
        f"~{llm.nonce}".ljust(128, "!"),
        f"it's-{llm.nonce}",
        f"{llm.nonce}%s:x?\"');--",
    ):
        response = ask(app, ADA, sent)
        got = id_of(response)
        assert got == sent, f"We sent the X-Request-ID {sent!r}. The answer has {got!r}."
        row_of(app, response)


@named
def test_a_request_id_that_is_not_sane_is_replaced(app: App, llm: FakeLLM) -> None:
    for sent in (f"{llm.nonce} two words", f"{llm.nonce}é", llm.nonce.ljust(129, "x"), ""):
        response = ask(app, ADA, sent)
        got = id_of(response)
        sane = 1 <= len(got) <= 128 and all("!" <= character <= "~" for character in got)
        assert sane and got != sent, (
            f"We sent the X-Request-ID {sent!r}, which is not 1 to 128 visible ASCII characters. "
            f"The answer has {got!r}."
        )
        row_of(app, response)


# after


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=15, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
database.execute("ROLLBACK")
"""


@contextmanager
def lock_of_another_process(database: Path) -> Iterator[None]:
    """Inside the block, a process of its own has the write lock; it ends with us at the latest."""
    holder = subprocess.Popen(
        [sys.executable, "-I", "-c", HOLD, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert holder.stdin and holder.stdout
    try:
        assert holder.stdout.readline().strip() == b"held", (
            "Another process waited 15 seconds for the write lock of your database and did not "
            "get it. Does your app keep a transaction open?"
        )
        yield
        holder.stdin.close()
        holder.wait(10)
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()


class UnderTheLock:
    """How often an app has kept us waiting for another's lock.

    We provoke that, so it says nothing of how fast the app answers otherwise: it is not counted
    as a hang, after which we would have less patience in all tests that follow.
    """

    hangs = 0


def answer_under_the_lock(
    app: App, method: str, path: str, token: str | None = None
) -> Response | None:
    """The answer to a request while nobody can write; None when it does not come."""
    sent = {"Authorization": f"Bearer {token}"} if token else None
    pending = app.begin(method, path, json=QUESTION if token else None, headers=sent)
    deadline = time.monotonic() + (4 if UnderTheLock.hangs < 2 else 2)
    while not pending.finished and time.monotonic() < deadline:
        time.sleep(0.005)
    if not pending.finished:
        UnderTheLock.hangs += 1
        return None
    return pending.result()


def ask_under_the_lock(app: App, token: str) -> Response:
    """An answer that comes although nobody can write."""
    try:
        response = answer_under_the_lock(app, "POST", "/query", token)
    except NoAnswer as problem:
        raise AssertionError(
            "Another process held a write lock on your database, and we asked a question. "
            f"{problem}"
        ) from None
    assert response, (
        "Another process held a write lock on your database, and we asked a question. "
        "While the lock was held, no answer came."
    )
    assert response.status == 200, (
        "Another process held a write lock on your database, and we asked a question. "
        f"Your app answered {response.status}."
    )
    return response


@after
def test_the_answer_arrives_while_another_process_holds_the_lock(app: App, llm: FakeLLM) -> None:
    row_of(app, ask(app, ADA))
    with lock_of_another_process(database_of(app)):
        ask_under_the_lock(app, ADA)


@after
def test_the_row_is_there_once_the_lock_is_gone(app: App, llm: FakeLLM) -> None:
    row_of(app, ask(app, ADA))
    with lock_of_another_process(database_of(app)):
        began = time.monotonic()
        response = ask_under_the_lock(app, ADA)
        whole = time.monotonic() - began
        time.sleep(1.6)
    assert eventually(lambda: rows_of(database_of(app), request_id=id_of(response)), 10), (
        "Another process held a write lock for 1.6 seconds after your answer, then let go. "
        f"The row of request {id_of(response)} never came."
    )
    found = row_of(app, response, lasted(0, whole))
    assert lasted(0, whole)(found), (
        "Another process held a write lock for 1.6 seconds after your answer, which had come "
        f"within {whole * 1000:.0f} ms. The row says {found['duration_ms']!r} for duration_ms."
    )


@after
def test_a_row_that_waits_holds_nobody_up(app: App, llm: FakeLLM) -> None:
    row_of(app, ask(app, ADA))
    with lock_of_another_process(database_of(app)):
        took = []
        for _ in range(4):
            began = time.monotonic()
            ask_under_the_lock(app, ADA)
            took.append(time.monotonic() - began)
        health = answer_under_the_lock(app, "GET", "/health")
    assert health, (
        "Four rows were waiting for a locked database, and we asked /health. No answer came."
    )
    assert health.status == 200, (
        f"GET /health was answered with {health.status} while four rows were waiting."
    )
    assert min(took) < 1, (
        "Another process held a write lock on your database, and we asked four times. "
        f"The quickest of the answers came after {min(took):.1f} seconds."
    )


# failures


def assert_failed_row(
    app: App, response: Response, status: int, user: str, what: str, model: str = "tiny-2"
) -> None:
    assert response.status == status, (
        f"{what} Your app answered {response.status}, not {status} as in lesson basic."
    )
    true = {"user_id": user, "tokens": 0, "status": "error"}
    said = said_of(app, response, true)
    assert said == true, f"{what} The row of that request says {said}."
    named = said_of(app, response, {"model": model})["model"]
    assert named == model, (
        f"{what} We had asked the model {model}, and none answered. The row of that request "
        f"says {named!r} for model."
    )


@failures
def test_a_failed_call_leaves_a_row(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(status=500, delay=0.3))
    before = datetime.now(UTC)
    response = ask(app, "fay-laptop")
    assert_failed_row(app, response, 502, "fay", "The LLM answered 500.")
    found = row_of(app, response, lasted(0.3))
    assert lasted(0.3)(found), (
        "The LLM took 0.3 seconds to answer 500. The row of that request says "
        f"{found['duration_ms']!r} for duration_ms."
    )
    assert created(found, before - HOUR, before + HOUR), (
        f"We asked at {before:%H:%M:%S} UTC, and the LLM answered 500. "
        f"The row was created at {found['created_at']!r}."
    )
    rows = rows_of(database_of(app), user_id="fay")
    assert len(rows) == 1, f"The user fay asked once. She has {len(rows)} rows: {rows}."


NO_CHOICES = b'{"model": "tiny-2", "choices": [], "usage": {"total_tokens": 0}}'


@failures
def test_every_kind_of_failure_leaves_a_row(app: App, llm: FakeLLM) -> None:
    for reply, status, what in (
        (Reply(status=400), 502, "The LLM refused the call with 400."),
        (Reply(status=429, retry_after=3), 503, "The LLM answered 429."),
        (Reply(body=b"<html>Hello</html>"), 502, "The LLM answered 200 and no JSON."),
        (Reply(body=b"[]"), 502, "The LLM answered 200 and []."),
        (Reply(body=NO_CHOICES), 502, f"The LLM answered 200 and {NO_CHOICES.decode()}."),
    ):
        llm.script(reply)
        assert_failed_row(app, ask(app, ADA), status, "ada", what)


@failures
def test_the_model_of_a_failed_call_may_be_the_default(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(status=500))
    body = {"query": "Name a river."}
    response = app.post("/query", json=body, headers={"Authorization": f"Bearer {ADA}"})
    asked_for = llm.calls[0].body["model"]
    found = said_of(app, response, {"model": asked_for})["model"]
    assert found == asked_for, (
        f"We named no model, your app asked the LLM for {asked_for}, and the LLM answered 500. "
        f"The row of that request says {found!r} for model."
    )


@failures
def test_a_silent_llm_leaves_a_row(fresh_app: FreshApp, llm: FakeLLM) -> None:
    app = fresh_app(LLM_TIMEOUT_SECONDS="0.5")
    llm.always(Reply(gate=Gate()))
    what = "The LLM said nothing for longer than LLM_TIMEOUT_SECONDS."
    response = ask(app, ADA)
    assert_failed_row(app, response, 504, "ada", what)
    found = row_of(app, response, lasted(0.5))
    assert lasted(0.5)(found), (
        "The LLM said nothing, and LLM_TIMEOUT_SECONDS is 0.5. The row of that request says "
        f"{found['duration_ms']!r} for duration_ms."
    )


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield bound_but_not_listening.getsockname()[1]


@failures
def test_an_llm_that_is_not_there_leaves_a_row(
    fresh_app: FreshApp, llm: FakeLLM, closed_port: int
) -> None:
    app = fresh_app(LLM_BASE_URL=f"http://127.0.0.1:{closed_port}/v1")
    assert_failed_row(app, ask(app, ADA), 502, "ada", "Nobody listens at LLM_BASE_URL.")


# isolated


REFUSE_MIA = (
    "CREATE TRIGGER picky BEFORE INSERT ON usage_log WHEN NEW.user_id = 'mia' "
    "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
)


@pytest.fixture
def picky_app(fresh_app: FreshApp, tmp_path: Path, llm: FakeLLM) -> App:
    """An app whose database refuses every row of the user mia."""
    app = fresh_app(DATABASE_URL=f"sqlite:///{tmp_path / 'picky.db'}")
    row_of(app, ask(app, ADA))
    change(database_of(app), REFUSE_MIA)
    return app


@isolated
def test_a_refused_row_does_not_break_the_answer(picky_app: App, llm: FakeLLM) -> None:
    llm.script(Reply(text="The Rhine."))
    response = ask(picky_app, MALLORY)
    assert response.status == 200 and response.json()["response"] == "The Rhine.", (
        "The database refused the row of a request. The caller is not to blame, and got "
        f"{response.status} {response.text!r}."
    )


def lines_with(app: App, request_id: str) -> list[str]:
    """What the app has printed with that id, but for what differs from request to request."""
    return [
        re.sub(r"[\w.:+-]*\d[\w.:+-]*", "#", line.replace(request_id, "<id>"))
        for line in app.output.splitlines()
        if request_id in line
    ]


@isolated
def test_a_refused_row_is_logged_with_its_request_id(picky_app: App, llm: FakeLLM) -> None:
    written = ask(picky_app, BEN)
    row_of(picky_app, written)
    for number in range(1, 6):
        refused = id_of(ask(picky_app, MALLORY))
        assert picky_app.wait_for_output(refused, within=5), (
            f"The database refused a row, that of request {refused} (refusal number {number}). "
            f"Five seconds later your app had printed nothing with that id."
        )
    usual = id_of(written)

    def is_told() -> bool:
        there, here = lines_with(picky_app, usual), lines_with(picky_app, refused)
        return len(here) > len(there) or not set(here) <= set(there)

    assert eventually(is_told), (
        f"The database took the row of request {usual} and refused that of request {refused}. "
        "Your app printed the same lines with either id, so nobody sees which of them is lost."
    )


@isolated
def test_the_rows_after_a_refused_one_are_written(picky_app: App, llm: FakeLLM) -> None:
    refused = id_of(ask(picky_app, MALLORY))
    at_once = ask(picky_app, BEN)
    if picky_app.wait_for_output(refused, within=5):  # then four more, as long as we are told
        all(picky_app.wait_for_output(id_of(ask(picky_app, MALLORY)), 5) for _ in range(4))
    later = ask(picky_app, CLEO)
    for response, when in (
        (at_once, "a row, and straight after it"),
        (later, "some rows of mia's, and a little later"),
    ):
        request_id = id_of(response)
        assert eventually(lambda: rows_of(database_of(picky_app), request_id=request_id)), (  # noqa: B023
            f"The database refused {when} somebody else asked. The row of that request never came."
        )


@isolated
def test_rows_that_waited_beside_a_refused_one_are_written(picky_app: App, llm: FakeLLM) -> None:
    database = database_of(picky_app)
    with lock_of_another_process(database):
        for token in (BEN, MALLORY, CLEO):
            ask_under_the_lock(picky_app, token)
    for user in ("ben", "cleo"):
        assert eventually(lambda: rows_of(database, user_id=user)), (  # noqa: B023
            "Three rows had to wait for a locked database: ben's, mia's and cleo's. "
            f"Then the lock was gone and mia's was refused. The row of {user} never came."
        )


# shutdown


def make_writing_slow(database: Path) -> None:
    """From now on each new row keeps the database busy for a while."""
    change(
        database,
        "CREATE TABLE filler (number INTEGER)",
        "WITH RECURSIVE counted(number) AS "
        "(SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 250) "
        "INSERT INTO filler SELECT number FROM counted",
        "CREATE TRIGGER slow AFTER INSERT ON usage_log "
        "BEGIN SELECT count(*) FROM filler a, filler b, filler c; END",
    )


SAID = {
    True: {"user_id": "ben", "model": "tiny-2-0613", "tokens": 124, "status": "ok"},
    False: {"user_id": "ben", "model": "tiny-2", "tokens": 0, "status": "error"},
}


def ask_ben(app: App, llm: FakeLLM, good: bool) -> Response:
    """A question of ben's that the LLM answers after a while, or fails."""
    answer = Reply(model="tiny-2-0613", usage=Usage(101, 23), delay=0.1)
    llm.script(answer if good else Reply(status=500))
    return ask(app, BEN)


def rows_say(database: Path, request_id: str) -> list[Row]:
    """What the rows of a request say of its outcome."""
    return [values(found, SAID[True]) for found in rows_of(database, request_id=request_id)]


@dataclass(frozen=True)
class Slow:
    """An app whose database takes its time for each row.

    `usual` is what a row of it says when nothing is slow, after a good answer (True) and a failed
    one, and `early` is the row of the good one: whether that is right is judged in other exercises.
    """

    app: App
    llm: FakeLLM
    usual: dict[bool, list[Row]]
    early: Row

    def ask(self, *good: bool) -> dict[str, list[Row]]:
        """Ask so often; what the rows must say, by the id of the answer."""
        return {id_of(ask_ben(self.app, self.llm, each)): self.usual[each] for each in good}

    def differs(self, true: dict[str, list[Row]]) -> str:
        """What a row says that it would not say without a hurry; "" when there is none."""
        for request_id, usual in true.items():
            said = rows_say(database_of(self.app), request_id)
            if said != usual:
                return (
                    f"The row of an equal question that had time says {usual}, "
                    f"that of request {request_id} says {said}."
                )
        return ""


@pytest.fixture
def slow(fresh_app: FreshApp, tmp_path: Path, llm: FakeLLM) -> Slow:
    app = fresh_app(DATABASE_URL=f"sqlite:///{tmp_path / 'slow.db'}")
    database = database_of(app)
    ids = {good: id_of(ask_ben(app, llm, good)) for good in (False, True)}
    for good, request_id in ids.items():
        eventually(lambda: rows_of(database, request_id=request_id, **SAID[good]))  # noqa: B023
    usual = {good: rows_say(database, request_id) for good, request_id in ids.items()}
    assert usual[True], f"A good answer has left no row{whats_there(database)}."
    early = rows_of(database, request_id=ids[True])[0]
    make_writing_slow(database)
    return Slow(app, llm, usual, early)


def terminate_after(slow: Slow, *good: bool) -> dict[str, list[Row]]:
    """Ask, ask the process to end, and see it end: what the rows must say, by request id."""
    true = slow.ask(*good)
    slow.app.terminate()
    assert slow.app.wait_for_exit(15) is not None, (
        "We sent SIGTERM straight after an answer. 15 seconds later the process was still there."
    )
    return true


def lost(database: Path, true: dict[str, list[Row]]) -> int:
    return sum(len(usual) > len(rows_say(database, each)) for each, usual in true.items())


@shutdown
def test_sigterm_after_the_answer_loses_no_row(slow: Slow) -> None:
    true = terminate_after(slow, True)
    what = "The database takes its time for a row. We sent SIGTERM straight after an answer."
    assert not lost(database_of(slow.app), true), (
        f"{what} The process ended, and request {next(iter(true))} has left no row."
    )
    differs = slow.differs(true)
    assert not differs, f"{what} {differs}"


@shutdown
def test_sigterm_loses_none_of_the_rows_that_wait(slow: Slow) -> None:
    true = terminate_after(slow, False, True)
    what = (
        "The database takes its time for a row. The LLM failed once and answered once, and "
        "we sent SIGTERM straight after your second answer."
    )
    number = lost(database_of(slow.app), true)
    assert not number, f"{what} The process ended, and {number} of the two rows are not there."
    differs = slow.differs(true)
    assert not differs, f"{what} {differs}"


@shutdown
def test_an_answer_after_sigterm_leaves_its_row(slow: Slow, llm: FakeLLM) -> None:
    app = slow.app
    gate = Gate()
    llm.script(Reply(gate=gate))
    pending = begin(app, ADA)
    gate.wait_for_waiting(1, within=10)
    app.terminate()
    time.sleep(0.5)
    gate.open()
    response = pending.result()
    what = "The LLM was still at a question when we sent SIGTERM, and answered half a second later."
    assert response.status == 200, f"{what} Your app answered {response.status}."
    assert app.wait_for_exit(15) is not None, f"{what} 15 s later the process was there."
    assert rows_of(database_of(app), request_id=id_of(response)), (
        f"{what} So did your app, and the process ended. Request {id_of(response)} has left no row."
    )


@shutdown
def test_a_refused_row_does_not_keep_the_process(picky_app: App, llm: FakeLLM) -> None:
    picky_app.wait_for_output(id_of(ask(picky_app, MALLORY)), within=5)
    picky_app.terminate()
    assert picky_app.wait_for_exit(15) is not None, (
        "The database refused a row, and then we sent SIGTERM. "
        "15 seconds later the process was still there."
    )


# exact


@exact
def test_200_questions_at_once_leave_200_rows_and_right_totals(app: App, llm: FakeLLM) -> None:
    database = database_of(app)
    gate = Gate()
    llm.always(Reply(gate=gate))
    askers = {"gus": 120, "hal": 80}
    under_way = [
        app.begin(
            "POST",
            "/query",
            json={"query": f"Name {number} rivers." + " Please." * (number % 7)},
            headers={"Authorization": f"Bearer {user}-laptop"},
        )
        for user, times in askers.items()
        for number in range(times)
    ]
    gate.wait_for_waiting(30, within=5)
    gate.open()
    until_no_more_come(lambda: [one for one in under_way if one.finished], len(under_way))
    answers = [pending.result() for pending in under_way]
    tokens_of = {
        id_of(answer): answer.json()["tokens_used"] for answer in answers if answer.status == 200
    }

    def written() -> list[Row]:
        return [found for found in rows_in(database) if found["request_id"] in tokens_of]

    def right() -> list[Row]:
        return [each for each in written() if each["tokens"] == tokens_of[each["request_id"]]]

    until_no_more_come(right, len(tokens_of))  # also when this fails: the next test asks, too
    statuses = {answer.status for answer in answers}
    assert statuses == {200}, f"200 questions at once were answered with {sorted(statuses)}."
    found = written()
    assert len(found) == len(answers) == len(tokens_of), (
        f"200 questions at once got 200 answers. They have left {len(found)} rows "
        f"under {len(tokens_of)} different request ids."
    )
    wrong = {
        each["request_id"] for each in found if each["tokens"] != tokens_of[each["request_id"]]
    }
    assert not wrong, f"{len(wrong)} of 200 rows have other tokens than the answer had."
    for user, times in askers.items():
        mine = [each["tokens"] for each in found if each["user_id"] == user]
        expected = {"user_id": user, "requests": times, "tokens": sum(mine)}
        assert len(mine) == times, f"The user {user} asked {times} times and has {len(mine)} rows."
        got = usage_of(app, f"{user}-laptop", expected)
        if got.get("requests") == 0:  # nothing is added up yet, which the exercise usage asks for
            continue
        assert got == expected, f"The rows of {user} add up to {expected}. GET /usage says {got}."


# usage


def usage_of(app: App, token: str, expected: Row) -> Any:
    """What GET /usage says, waited for until it is as expected: it may lag a little."""
    said: Any = None

    def look() -> bool:
        nonlocal said
        response = app.get("/usage", headers={"Authorization": f"Bearer {token}"})
        assert response.status == 200, f"GET /usage with a good token got {response.status}."
        said = response.json()
        return bool(said == expected)

    eventually(look)
    return said


@usage
def test_a_new_user_has_used_nothing(app: App, llm: FakeLLM) -> None:
    expected = {"user_id": "ida", "requests": 0, "tokens": 0}
    for _ in range(2):
        row_of(app, ask(app, ADA))
        got = usage_of(app, "ida-laptop", expected)
        assert got == expected, (
            "The user ida has never asked the LLM, only what she has used. "
            f"GET /usage says {got}, not {expected}."
        )


@usage
def test_usage_adds_up_the_callers_own_rows(fresh_app: FreshApp, tmp_path: Path) -> None:
    app = fresh_app(DATABASE_URL=f"sqlite:///{tmp_path / 'own.db'}")
    asked = {
        "ada": (ADA, ADAS_PHONE, ADA),
        "ada2": ("ada2-laptop", "ada2-laptop"),
        "o'neil_%": ("nil-laptop",),
    }
    tokens = {
        user: sum(ask(app, token).json()["tokens_used"] for token in used)
        for user, used in asked.items()
    }
    for user, used in asked.items():
        expected = {"user_id": user, "requests": len(used), "tokens": tokens[user]}
        got = usage_of(app, used[-1], expected)
        assert got == expected, (
            "The user ada asked three times (from her laptop and her phone), ada2 twice, "
            "o'neil_% once. "
            f"For {user} that is {expected}. GET /usage says {got}."
        )


@usage
def test_failed_questions_count_without_tokens(app: App, llm: FakeLLM) -> None:
    llm.script(Reply(usage=Usage(7, 5)), Reply(status=500), Reply(status=429))
    for _ in range(3):
        ask(app, "jon-laptop")
    expected = {"user_id": "jon", "requests": 3, "tokens": 12}
    got = usage_of(app, "jon-laptop", expected)
    assert got == expected, (
        "The user jon asked three times; the LLM answered once, with 12 tokens, and failed twice. "
        f"GET /usage says {got}, not {expected}."
    )


@usage
def test_usage_asks_for_a_token(app: App, llm: FakeLLM) -> None:
    for sent in (None, "Bearer nobody-knows-this", "Bearer", "Basic ada-laptop", "Bearer clé"):
        response = app.get("/usage", headers={"Authorization": sent} if sent else None)
        assert response.status == 401, (
            f"We sent GET /usage with {f'Authorization: {sent}' if sent else 'no token'}. "
            f"Your app answered {response.status}, not 401."
        )


@usage
def test_usage_remembers_what_was_before_a_restart(fresh_app: FreshApp, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'before.db'}"
    first = fresh_app(DATABASE_URL=url)
    answer = ask(first, ADA)
    spent = answer.json()["tokens_used"]
    said_of(first, answer, {"tokens": spent})
    first.kill()
    second = fresh_app(DATABASE_URL=url)
    expected = {"user_id": "ada", "requests": 1, "tokens": spent}
    got = usage_of(second, ADA, expected)
    assert got == expected, (
        "The user ada asked once, then the app was started again. "
        f"GET /usage says {got}, not {expected}."
    )


@usage
def test_usage_counts_what_another_process_has_written(
    fresh_app: FreshApp, tmp_path: Path, llm: FakeLLM
) -> None:
    url = f"sqlite:///{tmp_path / 'both.db'}"
    apps = [fresh_app(DATABASE_URL=url) for _ in range(2)]
    for each in apps:
        usage_of(each, ADA, {"user_id": "ada", "requests": 0, "tokens": 0})
    spent = 0
    for each in apps:
        answer = ask(each, ADA)
        spent += answer.json()["tokens_used"]
        row_of(each, answer)
    expected = {"user_id": "ada", "requests": 2, "tokens": spent}
    for each, which in zip(apps, ("first", "second"), strict=True):
        got = usage_of(each, ADA, expected)
        assert got == expected, (
            "Two processes of your app ran on one database, and the user ada asked each of them "
            f"once. GET /usage of the {which} says {got}, not {expected}."
        )


# durable


@durable
def test_a_row_survives_kill_9_straight_after_the_answer(slow: Slow, fresh_app: FreshApp) -> None:
    for first in (CLEO, MALLORY):
        ask(slow.app, first)
    before = datetime.now(UTC)
    true = slow.ask(False, True)
    slow.app.kill()
    database = database_of(slow.app)
    change(database, "DROP TRIGGER slow", REFUSE_MIA)
    what = (
        "The database takes its time for a row. We sent SIGKILL straight after four answers, "
        "one of them to mia, made the database refuse her rows, and started the app again."
    )
    try:
        again = fresh_app(DATABASE_URL=f"sqlite:///{database}")
    except AppFailed as problem:
        raise AssertionError(f"{what} {problem}") from None
    eventually(
        lambda: all(rows_say(database, each) == usual for each, usual in true.items()), within=10
    )
    time.sleep(0.3)  # for a second one
    counts = [len(rows_say(database, request_id)) for request_id in true]
    assert counts == [len(usual) for usual in true.values()], (
        f"{what} The last two requests, of which the LLM failed the first, have "
        f"{counts[0]} and {counts[1]} rows."
    )
    differs = slow.differs(true)
    assert not differs, f"{what} {differs}"

    def times_are_right(found: Row) -> bool:
        return lasted(0.1)(found) and created(found, before - HOUR, before + HOUR)

    last = rows_of(database, request_id=list(true)[-1])[0]
    assert times_are_right(last) or not times_are_right(slow.early), (
        f"{what} The LLM took 0.1 seconds for the last of them, asked at {before:%H:%M:%S} UTC. "
        f"Its row says {last['duration_ms']!r} for duration_ms and {last['created_at']!r} for "
        "created_at."
    )
    row_of(again, ask(again, ADA))


@durable
def test_a_row_that_is_there_is_not_written_again(fresh_app: FreshApp, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'once.db'}"
    first = fresh_app(DATABASE_URL=url)
    old = row_of(first, ask(first, BEN))["request_id"]
    first.kill()
    second = fresh_app(DATABASE_URL=url)
    row_of(second, ask(second, ADA))
    time.sleep(0.3)  # for a second one
    count = len(rows_of(database_of(second), request_id=old))
    assert count == 1, (
        "A request had left its row, then we sent SIGKILL and started the app again. "
        f"Now it has {count} rows."
    )
