"""The solution and the right apps of lesson background do on PostgreSQL what they do on SQLite."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from course.fake_llm import FakeLLM, Reply, Usage
from course.grading.app_process import AppProcess, AppSpec, ColdStarter, environment_for_apps
from course.grading.evidence import Recorder
from course.grading.postgres_server import PostgresServer, start_postgres
from course.grading.suite import App, Patience, Response

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "solutions" / "06_background"
GIVEN = ("llm.py", "callers.py", "database.py")
APPS = {
    path.name: path for path in (SOLUTION, *sorted((ROOT / "tests/right/background").iterdir()))
}
DURABLE = [name for name, path in APPS.items() if "# without" not in (path / "app.py").read_text()]
KEYS = '{"ada-laptop": "ada", "ben-laptop": "ben"}'

Start = Callable[[str], App]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with start_postgres() as running:
        yield running


@pytest.fixture
def llm() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as running:
        yield running


@pytest.fixture
def database(server: PostgresServer) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection to a new database, as a person at its console has it."""
    url = server.new_database()
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def start(
    llm: FakeLLM,
    server: PostgresServer,
    database: psycopg.Connection[dict[str, Any]],
    tmp_path: Path,
) -> Iterator[Start]:
    """Starts an app by its name, always in the same folder and on the same database."""
    settings = {"API_KEYS": KEYS, "DATABASE_URL": server.url(database.info.dbname)}
    environment = environment_for_apps(tmp_path, llm.base_url, "test-key", settings)
    folder = tmp_path / "app"
    started: list[AppProcess] = []

    def start_app(name: str) -> App:
        if not folder.exists():
            shutil.copytree(APPS[name], folder, ignore=shutil.ignore_patterns("__pycache__"))
            for file in GIVEN:
                shutil.copy(SOLUTION / file, folder / file)
        process = AppProcess.start(AppSpec(folder, environment), ColdStarter())
        started.append(process)
        process.wait_until_ready(60)
        return App(process, Recorder(), Patience(60))

    yield start_app
    for process in started:
        process.end()


def ask(app: App, user: str = "ada") -> Response:
    return app.post(
        "/query",
        json={"query": "Name a river.", "model": "tiny-2"},
        headers={"Authorization": f"Bearer {user}-laptop"},
    )


def rows(
    database: psycopg.Connection[dict[str, Any]], *answers: Response, within: float = 20
) -> list[dict[str, Any]]:
    """The rows of these answers, waited for."""
    wanted = [answer.headers["X-Request-ID"] for answer in answers]
    deadline = time.monotonic() + within
    while True:
        found = database.execute(
            "SELECT * FROM usage_log WHERE request_id = ANY(%s)", [wanted]
        ).fetchall()
        if len(found) >= len(wanted) or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


@contextmanager
def locked(database: psycopg.Connection[dict[str, Any]]) -> Iterator[None]:
    """Inside the block nobody else can write into the table."""
    with database.transaction():
        database.execute("LOCK TABLE usage_log IN EXCLUSIVE MODE")
        yield


def make_writing_slow(database: psycopg.Connection[dict[str, Any]]) -> None:
    database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$"
    )
    database.execute(
        "CREATE TRIGGER slow BEFORE INSERT ON usage_log FOR EACH ROW EXECUTE FUNCTION slow()"
    )


@pytest.mark.parametrize("name", APPS)
def test_rows_and_totals(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]], llm: FakeLLM
) -> None:
    app = start(name)
    llm.script(Reply(model="tiny-2-0613", usage=Usage(101, 23), delay=0.2), Reply(status=500))
    answers = ask(app), ask(app)
    good, bad = sorted(rows(database, *answers), key=lambda row: row["status"] == "error")
    known = ("user_id", "model", "tokens", "status")
    assert [good[name] for name in known] == ["ada", "tiny-2-0613", 124, "ok"]
    assert [bad[name] for name in known] == ["ada", "tiny-2", 0, "error"]
    assert 190 <= good["duration_ms"] < 10_000
    created = good["created_at"]
    created = datetime.fromisoformat(created) if isinstance(created, str) else created
    created = created if created.tzinfo else created.replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=30)
    for user, requests, tokens in (("ada", 2, 124), ("ben", 0, 0)):
        said = app.get("/usage", headers={"Authorization": f"Bearer {user}-laptop"}).json()
        assert said == {"user_id": user, "requests": requests, "tokens": tokens}


@pytest.mark.parametrize("name", APPS)
def test_the_answer_does_not_wait_for_a_locked_table(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]]
) -> None:
    app = start(name)
    rows(database, ask(app))
    with locked(database):
        answers = [ask(app) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 200]
        time.sleep(1)
    assert len(rows(database, *answers)) == 3


@pytest.mark.parametrize("name", APPS)
def test_a_refused_row_harms_no_other(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]]
) -> None:
    app = start(name)
    rows(database, ask(app))
    database.execute("ALTER TABLE usage_log ADD CHECK (user_id <> 'ben')")
    refused, good = ask(app, "ben"), ask(app)
    assert (refused.status, good.status) == (200, 200)
    assert app.wait_for_output(refused.headers["X-Request-ID"], within=10)
    assert len(rows(database, good, ask(app))) == 2


@pytest.mark.parametrize("name", APPS)
def test_sigterm_loses_no_row(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]]
) -> None:
    app = start(name)
    rows(database, ask(app))
    make_writing_slow(database)
    answers = [ask(app) for _ in range(3)]
    app.terminate()
    assert app.wait_for_exit(20) is not None
    assert len(rows(database, *answers, within=0)) == 3


@pytest.mark.parametrize("name", APPS)
def test_100_questions_at_once_leave_100_rows(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]]
) -> None:
    app = start(name)
    headers = {"Authorization": "Bearer ada-laptop"}
    asked = [
        app.begin("POST", "/query", json={"query": "Name a river."}, headers=headers)
        for _ in range(100)
    ]
    answers = [pending.result(within=40) for pending in asked]
    tokens = sum(answer.json()["tokens_used"] for answer in answers)
    assert sum(row["tokens"] for row in rows(database, *answers, within=40)) == tokens


@pytest.mark.parametrize("name", DURABLE)
def test_a_row_survives_kill_9_once(
    name: str, start: Start, database: psycopg.Connection[dict[str, Any]]
) -> None:
    app = start(name)
    rows(database, ask(app))
    make_writing_slow(database)
    answers = ask(app), ask(app)
    app.kill()
    again = start(name)
    assert len(rows(database, *answers, ask(again))) == 3
    time.sleep(1)  # for a second one
    assert len(rows(database, *answers, within=0)) == 2
