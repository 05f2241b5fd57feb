"""What lesson background says of its naive version and examples, on the libraries of today."""

import asyncio
import importlib.util
import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient

from course.fake_llm import FakeLLM, Reply
from course.grading.app_process import (
    AppProcess,
    AppSpec,
    ColdStarter,
    environment_for_apps,
)
from course.grading.evidence import Recorder
from course.grading.suite import App, Patience

LESSON = Path(__file__).parents[2] / "lessons" / "06_background"
ADA = {"X-User": "ada"}
BODY = {"query": "Name a river."}


def load(name: str) -> ModuleType:
    """A module of the lesson, by its path."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, LESSON / name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def llm() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "usage.db"


@pytest.fixture
def naive(llm: FakeLLM, database: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("LLM_BASE_URL", llm.base_url)
    monkeypatch.setenv("LLM_API_KEY", "test-key")
    monkeypatch.setenv("USAGE_DB", str(database))
    return TestClient(load("naive.py").app, raise_server_exceptions=False)


@pytest.fixture
def process(llm: FakeLLM, database: Path, tmp_path: Path) -> Iterator[App]:
    """The naive app as a process of its own."""
    folder = tmp_path / "naive"
    folder.mkdir()
    (folder / "app.py").write_bytes((LESSON / "naive.py").read_bytes())
    environment = environment_for_apps(
        tmp_path, llm.base_url, "test-key", {"USAGE_DB": str(database)}
    )
    started = AppProcess.start(AppSpec(folder, environment), ColdStarter())
    try:
        started.wait_until_ready(30)
        yield App(started, Recorder(), Patience())
    finally:
        started.end()


def rows(database: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(database, timeout=10)) as opened:
        return opened.execute("SELECT * FROM usage_log").fetchall()


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """The write lock, held by a connection that is not the app's."""
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def test_an_answer_leaves_a_row(naive: TestClient, database: Path) -> None:
    answer = naive.post("/query", json=BODY, headers=ADA)
    assert rows(database) == [("ada", answer.json()["tokens_used"])]


def test_anybody_can_ask_in_anybodys_name(naive: TestClient, database: Path) -> None:
    naive.post("/query", json=BODY, headers={"X-User": "the boss"})
    assert [user for user, _ in rows(database)] == ["the boss"]


def test_a_failed_call_leaves_no_row(naive: TestClient, llm: FakeLLM, database: Path) -> None:
    naive.post("/query", json=BODY, headers=ADA)
    llm.always(Reply(status=500))
    assert naive.post("/query", json=BODY, headers=ADA).status_code == 500
    assert len(rows(database)) == 1


def test_a_locked_database_loses_the_row_after_five_seconds(process: App, database: Path) -> None:
    process.post("/query", json=BODY, headers=ADA)
    deadline = time.monotonic() + 10
    while not database.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    with locked(database):
        answer = process.post("/query", json=BODY, headers=ADA, within=4)
        assert answer.status == 200
        assert process.wait_for_output("database is locked", within=15)
    assert len(rows(database)) == 1


def test_kill_9_loses_the_row(process: App, database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("CREATE TABLE usage_log (user_id TEXT, tokens INTEGER)")
    with locked(database):
        assert process.post("/query", json=BODY, headers=ADA).status == 200
        process.kill()
    assert rows(database) == []


def test_sigterm_waits_for_the_task(process: App, database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("CREATE TABLE usage_log (user_id TEXT, tokens INTEGER)")
    with locked(database):
        assert process.post("/query", json=BODY, headers=ADA).status == 200
        process.terminate()
        time.sleep(1)
    assert process.wait_for_exit(15) is not None
    assert len(rows(database)) == 1


# the examples


@pytest.fixture
def garden() -> tuple[TestClient, list[str]]:
    tasks = load("examples/tasks.py")
    return TestClient(tasks.app, raise_server_exceptions=False), tasks.done


def test_a_task_that_raises_takes_the_later_ones_along(
    garden: tuple[TestClient, list[str]],
) -> None:
    client, done = garden
    assert client.post("/evening", json=["rose", "cactus", "fern"]).json() == {"plants": 3}
    assert done == ["rose"]


def test_tasks_are_forgotten_when_the_answer_is_an_error(
    garden: tuple[TestClient, list[str]],
) -> None:
    client, done = garden
    assert client.post("/drought").status_code == 503
    assert done == []


def test_a_response_with_a_task_of_its_own_drops_the_others(
    garden: tuple[TestClient, list[str]],
) -> None:
    client, done = garden
    assert client.post("/picnic").status_code == 200
    assert done == ["rose"]


def cooking(burnt: str) -> tuple[list[str], Callable[[str], Any]]:
    cooked: list[str] = []

    async def cook(dish: str) -> None:
        if dish == burnt:
            raise ValueError(dish)
        cooked.append(dish)

    return cooked, cook


def test_a_dinner_ends_when_all_is_cooked(caplog: pytest.LogCaptureFixture) -> None:
    cooked, cook = cooking(burnt="toast")
    with caplog.at_level(logging.ERROR):
        asyncio.run(load("examples/kitchen.py").dinner(["soup", "toast", "cake"], cook))
    assert cooked == ["soup", "cake"]
    assert "The toast is burnt." in caplog.text


def test_a_kitchen_that_lets_an_exception_through_is_closed() -> None:
    kitchen = load("examples/kitchen.py")

    async def evening() -> tuple[list[str], int]:
        cooked, cook = cooking(burnt="toast")
        hatch: asyncio.Queue[str] = asyncio.Queue()
        for dish in ("soup", "toast", "cake"):
            hatch.put_nowait(dish)
        with pytest.raises(ValueError, match="toast"):
            await kitchen.kitchen(hatch, cook)
        return cooked, hatch.qsize()

    assert asyncio.run(evening()) == (["soup"], 1)


def test_the_sum_of_no_rows_is_none(tmp_path: Path) -> None:
    birds = load("examples/birds.py")

    async def walk() -> tuple[int | None, int | None]:
        engine = await birds.open_book(f"sqlite+aiosqlite:///{tmp_path / 'birds.db'}")
        await birds.saw(engine, "heron", 2)
        await birds.saw(engine, "heron", 1)
        found = await birds.seen(engine, "heron"), await birds.seen(engine, "owl")
        await engine.dispose()
        return found

    assert asyncio.run(walk()) == (3, None)


def test_only_finished_pages_are_in_the_diary(tmp_path: Path) -> None:
    diary = load("examples/diary.py")
    diary.write_page(tmp_path, "monday", "It rained.")
    (tmp_path / "tuesday.tmp").write_text("It rai")
    assert diary.pages(tmp_path) == ["It rained."]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from diary import write_page
write_page(Path(sys.argv[2]), "monday", "It rained.")
page = open(os.path.join(sys.argv[2], "tuesday.txt"), "w")
page.write("It was sunny.")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_is_in_a_buffer_dies_with_the_process(tmp_path: Path) -> None:
    examples = str(LESSON / "examples")
    subprocess.run(
        [sys.executable, "-B", "-c", KILLED, examples, str(tmp_path)], env={**os.environ}
    )
    assert load("examples/diary.py").pages(tmp_path) == ["It rained.", ""]


def test_wal_lets_readers_read_while_somebody_writes(database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE usage_log (user_id TEXT, tokens INTEGER)")
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert rows(database) == []
