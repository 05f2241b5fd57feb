"""The launcher on a clean clone, later, and when something is in its way.

Each test works on a copy of it in a folder of its own, with a tool of a few lines, and with locks
that name tiny wheels made here. `clone` is such a folder before the first start, `installed` one
after it that tests only look at, and `project` the same for tests that change it: it is put back.
"""

import ast
import fcntl
import hashlib
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest

LAUNCHER = Path(__file__).parents[2] / "course"
VERSION = "{}.{}".format(*sys.version_info)
PATIENCE = 60  # seconds; bounds only a test that fails

TOOL = """
import json, sys
from importlib.metadata import distributions
packages = {d.name: d.version for d in distributions() if d.name in ("tiny", "extra")}
import tiny
told = {"arguments": sys.argv[1:], "python": sys.executable, "tiny": tiny.VERSION}
print(json.dumps({**told, "packages": packages}))
sys.exit(7)
"""


def make_wheel(folder: Path, name: str, version: str) -> None:
    """A package of one line, after its metadata: cut short between them, pip takes it as done."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\n")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for name, version in [("tiny", "1.0"), ("tiny", "2.0"), ("extra", "1.0")]:
        make_wheel(folder, name, version)
    return folder


@dataclass(frozen=True)
class Project:
    root: Path
    wheels: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))

    def lock(self, lock: str, package: str, version: str, sha256: str = "") -> None:
        wheel = self.wheels / f"{package}-{version}-py3-none-any.whl"
        sha256 = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / lock).write_text(f"{package}=={version} \\\n    --hash=sha256:{sha256}\n")

    def begin(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return begin([sys.executable, str(self.root / "course"), *arguments], self.wheels, settings)

    def start(self, *arguments: str, **settings: str) -> SimpleNamespace:
        return ended(self.begin(*arguments, **settings))

    def start_if(self, pretence: str, *arguments: str, **settings: str) -> SimpleNamespace:
        """Runs the launcher's text after a line that changes the Python it finds."""
        path = str(self.root / "course")
        program = (
            f"import os, sys\nsys.argv = {[path, *arguments]!r}\n{pretence}\n"
            f"names = {{'__name__': '__main__', '__file__': {path!r}}}\n"
            f"exec(compile(open({path!r}).read(), {path!r}, 'exec'), names)\n"
        )
        return ended(begin([sys.executable, "-c", program], self.wheels, settings))

    def start_unable_to_write(self) -> SimpleNamespace:
        """In a read-only folder. On Linux root may write even there, unless it gives that up."""
        command = [sys.executable, str(self.root / "course")]
        program = (
            "import ctypes, os\n"
            "PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1\n"
            "getattr(ctypes.CDLL(None), 'prctl', id)(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)\n"
            f"os.execv({command[0]!r}, {command!r})\n"
        )
        self.root.chmod(0o555)
        try:
            return ended(begin([sys.executable, "-c", program], self.wheels, {}))
        finally:
            self.root.chmod(0o755)


def begin(
    command: list[str], wheels: Path, settings: dict[str, str], cwd: Path | None = None
) -> subprocess.Popen[str]:
    """Starts a command whose pip knows only our wheels, or the index named in the settings."""
    ours = {n: v for n, v in os.environ.items() if not n.startswith(("PIP_", "PYTHON"))}
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0"}
    if "PIP_INDEX_URL" not in settings:
        pip |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri()}
    environment = {**ours, "NO_PROXY": "*", **pip, **settings}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment, cwd=cwd, stdout=pipe, stderr=pipe, encoding="utf-8"
    )


def ended(process: subprocess.Popen[str]) -> SimpleNamespace:
    """Its exit code, what the tool told (its JSON), and what was shown on stderr."""
    with process:
        try:
            said, shown = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    tool = json.loads(said) if said.startswith("{") else None
    return SimpleNamespace(code=process.returncode, tool=tool, said=said, shown=shown)


def assert_refused(start: SimpleNamespace, sentence: str) -> None:
    assert start.code == 3
    assert start.shown.splitlines()[-1] == sentence + ", then run the same command again."


def make_clone(folder: Path, wheels: Path) -> Project:
    clone = Project(folder / "a course, größer", wheels)
    (clone.root / "cli/course").mkdir(parents=True)
    (clone.root / "cli/course/__init__.py").touch()
    (clone.root / "cli/course/__main__.py").write_text(TOOL)
    shutil.copy(LAUNCHER, clone.root)
    clone.lock("requirements.lock", "tiny", "1.0")
    clone.lock("requirements-test.lock", "extra", "1.0")
    return clone


def copy(root: Path, to: Path) -> None:
    shutil.copytree(root, to, ignore=shutil.ignore_patterns(".venv"))
    shutil.copytree(root / ".venv", to / ".venv", symlinks=True, copy_function=os.link)


@pytest.fixture
def clone(tmp_path: Path, wheels: Path) -> Project:
    return make_clone(tmp_path, wheels)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> SimpleNamespace:
    """A clone, and its first start as a learner types it."""
    clone = make_clone(tmp_path_factory.mktemp("shared"), wheels)
    path = f"{Path(sys.executable).resolve().parent}{os.pathsep}{os.environ['PATH']}"
    command = ["./course", "check", "two words", "--json", "-"]
    start = ended(begin(command, wheels, {"PATH": path}, cwd=clone.root))
    if clone.venv.is_dir():
        copy(clone.root, clone.root.with_name("as it was"))
    return SimpleNamespace(clone=clone, start=start)


@pytest.fixture
def installed(first_start: SimpleNamespace) -> Project:
    project: Project = first_start.clone
    return project


@pytest.fixture
def project(installed: Project, tmp_path: Path) -> Iterator[Project]:
    yield installed
    installed.root.rename(tmp_path / "as it was left")
    copy(installed.root.with_name("as it was"), installed.root)


class Index(ThreadingHTTPServer):
    """A package index that tells when a wheel is asked for, and holds it until told to send it."""

    daemon_threads = True

    def __init__(self, wheels: Path) -> None:
        super().__init__(("127.0.0.1", 0), IndexHandler)
        self.wheels, self.asked, self.send, self.wheel_requests = wheels, Event(), Event(), 0
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Clients that end while they wait are what these tests are about."""


class IndexHandler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name.endswith(".whl"):
            self.server.wheel_requests += 1
            self.server.asked.set()
            self.server.send.wait(PATIENCE)
            body = (self.server.wheels / name).read_bytes()
        else:
            names = [wheel.name for wheel in self.server.wheels.iterdir()]
            body = "".join(f'<a href="/{name}">{name}</a>' for name in names).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(wheels: Path) -> Iterator[Index]:
    with Index(wheels) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.send.set()
        server.shutdown()


def when_pip_writes_tiny(project: Project, deed: str) -> None:
    """From now on a Python in .venv does the deed when it has just opened tiny.py for writing."""
    (project.packages / "sitecustomize.py").write_text(
        "import builtins, errno, socket\n"
        "real_open = builtins.open\n"
        "def changed_open(file, mode='r', *more, **named):\n"
        "    opened = real_open(file, mode, *more, **named)\n"
        "    if 'w' in mode and str(file).endswith('tiny.py'):\n"
        f"        {deed}\n"
        "    return opened\n"
        "builtins.open = changed_open\n"
    )


def makes_a_new_environment(project: Project) -> bool:
    """Whether the next start begins by that. It is stopped there: the rest takes seconds."""
    start = project.begin()
    assert start.stderr is not None
    first_line = start.stderr.readline()
    start.send_signal(signal.SIGINT)
    ended(start)
    return first_line == f"Setting up (once): making .venv with Python {VERSION}\n"


def test_the_first_start_installs_and_hands_over(first_start: SimpleNamespace) -> None:
    start = first_start.start
    assert start.code == 7, start.shown
    assert start.tool["arguments"] == ["check", "two words", "--json", "-"]
    assert start.tool["tiny"] == "1.0"
    assert start.shown.splitlines() == [
        f"Setting up (once): making .venv with Python {VERSION}",
        "Installing packages: 1",
    ]


def test_packages_are_compiled_when_they_are_installed(installed: Project) -> None:
    assert list(installed.packages.glob("__pycache__/tiny.*.pyc"))


def test_a_later_start_needs_no_pip_and_says_nothing(project: Project) -> None:
    shutil.rmtree(project.packages / "pip")
    later = project.start("hint")
    assert (later.code, later.tool["arguments"], later.shown) == (7, ["hint"], "")


def test_a_later_start_imports_nothing_that_python_has_not_imported(installed: Project) -> None:
    later = installed.start_if(
        "before = set(sys.modules); os.execvp = lambda *_: sys.exit(set(sys.modules) - before)"
    )
    assert later.shown == "set()\n"


def test_a_later_start_works_in_a_read_only_folder(installed: Project) -> None:
    later = installed.start_unable_to_write()
    assert (later.code, later.shown) == (7, "")


def test_an_active_environment_has_the_command_course(installed: Project, tmp_path: Path) -> None:
    command = [str(installed.venv / "bin" / "course"), "check", "--json", "-"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert json.loads(done.stdout)["arguments"] == ["check", "--json", "-"]


def test_the_launcher_may_be_linked_from_elsewhere(installed: Project, tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to(installed.root / "course")
    later = Project(tmp_path, installed.wheels).start()
    assert (later.code, later.shown) == (7, "")


def test_files_in_the_folder_are_not_taken_for_modules(project: Project) -> None:
    for name in ("course.py", "subprocess.py", "pip.py", "threading.py"):
        (project.root / name).write_text("raise SystemExit('the wrong file')")
    command = [sys.executable, "course", "test"]
    start = ended(begin(command, project.wheels, {}, cwd=project.root))
    assert start.code == 7, start.shown


def test_a_changed_lock_is_installed_into_the_same_environment(project: Project) -> None:
    (project.venv / "witness").touch()
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.start(PIP_USER="1")
    assert start.tool["packages"] == {"tiny": "2.0"}, start.shown
    assert (project.venv / "witness").exists()


def test_a_moved_folder_gets_a_new_environment(project: Project) -> None:
    moved = Project(project.root.with_name("moved"), project.wheels)
    project.root.rename(moved.root)
    try:
        assert makes_a_new_environment(moved)
    finally:
        moved.root.rename(project.root)


def test_an_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    (project.venv / "bin/python").unlink()
    (project.venv / "bin/python").symlink_to(project.root / "no such python3.11")
    assert makes_a_new_environment(project)


def test_an_environment_without_a_stamp_is_made_anew(clone: Project) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone.venv], check=True)
    assert makes_a_new_environment(clone)


def test_course_test_installs_the_test_lock_first(project: Project) -> None:
    start = project.start("test", "-x")
    assert start.tool, start
    assert start.tool["arguments"] == ["test", "-x"]
    assert start.tool["packages"] == {"tiny": "1.0", "extra": "1.0"}
    assert project.start("check").shown == ""


def test_ensure_installs_a_lock_and_starts_no_tool(project: Project) -> None:
    project.lock("requirements-local.lock", "extra", "1.0")
    start = project.start("--ensure", "local")
    assert (start.code, start.said, start.shown) == (0, "", "Installing packages: 1\n")
    assert project.start().tool["packages"] == {"tiny": "1.0", "extra": "1.0"}


def test_a_lock_that_is_not_there_is_named(installed: Project) -> None:
    start = installed.start("--ensure", "nonsense")
    assert_refused(
        start, f"requirements-nonsense.lock is missing in {installed.root}: get the whole project"
    )
    assert start.shown.count("\n") == 1


def test_on_a_terminal_the_packages_are_counted(project: Project) -> None:
    ours, terminal = pty.openpty()
    program = f"import os, sys; os.dup2({terminal}, 2); os.execv(sys.argv[1], sys.argv[1:])"
    os.set_inheritable(terminal, True)
    launcher = [sys.executable, str(project.root / "course"), "--ensure", "test"]
    start = subprocess.Popen(
        [sys.executable, "-c", program, *launcher],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": project.wheels.as_uri()},
        pass_fds=[terminal],
    )
    assert start.wait(PATIENCE) == 0
    shown = os.read(ours, 10_000).decode().split("\r")
    os.close(ours)
    os.close(terminal)
    assert list(dict.fromkeys(shown)) == [
        "",
        "Installing packages: 0 of 1",
        "Installing packages: 1 of 1",
        "Installing packages: 1 of 1, unpacking",
        "\n",
    ]


def test_killed_while_pip_writes_pip_ends_and_the_next_start_succeeds(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        address = listener.getsockname()
        when_pip_writes_tiny(project, f"socket.create_connection({address}).recv(1)")
        project.lock("requirements.lock", "tiny", "2.0")
        start = project.begin()
        pip, _ = listener.accept()
        with pip:
            pip.settimeout(PATIENCE)
            assert (project.packages / "tiny-2.0.dist-info/METADATA").exists()
            start.kill()
            assert pip.recv(1) == b"", "pip went on although its launcher was killed"
        ended(start)
    again = project.start()
    assert (again.code, again.tool["tiny"]) == (7, "2.0")


def test_ctrl_c_says_one_sentence_and_the_same_command_goes_on(
    project: Project, index: Index
) -> None:
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.begin(PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    start.send_signal(signal.SIGINT)
    stopped = ended(start)
    assert (stopped.code, stopped.shown.splitlines()) == (
        130,
        [
            "Installing packages: 1",
            "Stopped before the setup was complete: run the same command again to go on.",
        ],
    )
    index.send.set()
    assert project.start(PIP_INDEX_URL=index.url).tool["tiny"] == "2.0"


CTRL_C_WHILE_A_CHILD_BEGINS = """
import signal, subprocess
begin = subprocess.Popen.__init__
def interrupted(self, *arguments, **options):
    begin(self, *arguments, **options)
    os.kill(os.getpid(), signal.SIGINT)
subprocess.Popen.__init__ = interrupted
"""


def test_ctrl_c_while_a_child_begins_ends_that_too(clone: Project) -> None:
    stopped = clone.start_if(CTRL_C_WHILE_A_CHILD_BEGINS)
    assert stopped.code == 130, stopped
    with clone.venv.with_suffix(".lock").open() as turn:  # whoever installs holds this lock
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_ctrl_c_before_pip_writes_leaves_what_was_there(project: Project, index: Index) -> None:
    start = project.begin("test", PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    start.send_signal(signal.SIGINT)
    assert ended(start).code == 130
    later = project.start("check")
    assert (later.code, later.shown) == (7, "")


def test_of_two_first_starts_at_once_one_installs_and_both_succeed(
    clone: Project, index: Index
) -> None:
    one = clone.begin("one", PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    two = clone.begin("two", PIP_INDEX_URL=index.url)
    assert two.stderr is not None
    assert two.stderr.readline() == "Another start is setting up: waiting for it.\n"
    index.send.set()
    first, second = ended(one), ended(two)
    assert (first.code, first.tool["arguments"]) == (7, ["one"])
    assert (second.code, second.tool["arguments"], second.shown) == (7, ["two"], "")
    assert index.wheel_requests == 1


def test_without_a_network_it_says_so_and_what_was_there_works(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    start = project.start("test", PIP_INDEX_URL=nobody)
    assert_refused(
        start,
        "The packages could not be fetched, because the package index cannot be reached or lacks "
        "them: check the network (and HTTPS_PROXY, PIP_CERT, PIP_INDEX_URL if you need them)",
    )
    assert project.start("check").shown == ""


def test_a_package_with_another_hash_is_refused(project: Project) -> None:
    project.lock("requirements.lock", "tiny", "2.0", sha256="0" * 64)
    start = project.start()
    assert "  |         Expected sha256 " + "0" * 64 in start.shown.splitlines()
    assert_refused(
        start,
        "A package was refused, because it is not the one that the lock names: try another network "
        "or package index, and empty pip's cache with `pip cache purge`",
    )


def test_a_full_disk_is_named_and_what_is_half_written_is_made_anew(project: Project) -> None:
    full = "raise OSError(errno.ENOSPC, 'No space left on device', str(file))"
    when_pip_writes_tiny(project, full)
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.start()
    assert_refused(
        start, f"The disk is full: free some space for {project.root} and for temporary files"
    )
    assert makes_a_new_environment(project)


def test_a_failure_nobody_foresaw_shows_the_last_lines_of_pip(project: Project) -> None:
    (project.root / "requirements.lock").write_text("extra\n")
    start = project.start()
    assert "  | ERROR: In --require-hashes mode, all requirements must have" in start.shown
    assert_refused(
        start, f"The setup failed, as said above: put that right, or delete {project.venv}"
    )


def test_a_read_only_folder_is_named(clone: Project) -> None:
    start = clone.start_unable_to_write()
    assert_refused(
        start,
        f"The course cannot write in {clone.root}: make the folder and its .venv writable and end "
        "what is using them, or copy the project to a folder of your own",
    )
    assert start.shown.splitlines()[:-1] == [
        f"  | [Errno 13] Permission denied: '{clone.venv}.lock'"
    ]


def test_a_file_in_the_place_of_the_environment_is_left_alone(clone: Project) -> None:
    clone.venv.write_text("mine")
    start = clone.start()
    assert_refused(start, f"{clone.venv} is no folder, as it must be: rename or delete it")
    assert start.shown.count("\n") == 1
    assert clone.venv.read_text() == "mine"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_that_cannot_make_environments(clone: Project, module: str) -> None:
    start = clone.start_if(f"sys.modules[{module!r}] = None")
    assert_refused(
        start,
        f"This Python ({sys.executable}) cannot make environments, because its module venv or "
        "ensurepip is missing: install it (on Debian and Ubuntu with "
        f"`sudo apt install python{VERSION}-venv`)",
    )
    assert start.shown.count("\n") == 1


TOO_OLD = "sys.version_info = (3, 10, 4, 'final', 0)"


def test_a_python_too_old_is_told_so(clone: Project, tmp_path: Path) -> None:
    start = clone.start_if(TOO_OLD, PATH=str(tmp_path))
    assert_refused(
        start,
        f"The course needs Python 3.11 or newer, and this is Python 3.10.4 ({sys.executable}): "
        "install a newer one, from python.org or with your system's packages",
    )
    assert start.shown.count("\n") == 1


def test_a_newer_python_on_the_path_takes_over(clone: Project, tmp_path: Path) -> None:
    takes_over = 'test "$1" = -c || echo "took over: $2 $3"'
    for name, script in [("python3.14", "exit 127"), ("python3.12", takes_over)]:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    start = clone.start_if(TOO_OLD, "check", "basic", PATH=str(tmp_path))
    assert (start.code, start.said, start.shown) == (0, "took over: check basic\n", "")


def test_a_later_start_with_a_python_too_old_needs_no_other(
    installed: Project, tmp_path: Path
) -> None:
    later = installed.start_if(TOO_OLD, PATH=str(tmp_path))
    assert (later.code, later.shown) == (7, "")


def test_old_pythons_can_read_the_file() -> None:
    """What Python 2.7 would stumble over, as far as a new Python can tell."""
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom, ast.Match)
    for node in ast.walk(ast.parse(LAUNCHER.read_text(encoding="ascii"))):
        assert not isinstance(node, new), f"line {node.lineno}"
        match node:
            case ast.arg(annotation=note):
                assert note is None, f"line {node.lineno}: an annotation"
            case ast.arguments(kwonlyargs=keywords, posonlyargs=positions):
                assert not keywords + positions
            case ast.Raise(cause=cause):
                assert cause is None, f"line {node.lineno}: raise from"
            case ast.List(elts=items) | ast.Tuple(elts=items):
                assert not any(isinstance(item, ast.Starred) for item in items)


def test_the_old_pythons_of_this_machine_say_one_sentence_or_start_the_tool(
    clone: Project, installed: Project, tmp_path: Path
) -> None:
    for version in ("2.7", "3.6", "3.8", "3.10"):
        for python in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))[:1]:
            command = [str(python), str(clone.root / "course")]
            refused = ended(begin(command, clone.wheels, {"PATH": str(tmp_path)}))
            assert refused.code == 3, refused.shown
            assert refused.shown.startswith("The course needs Python 3.11 or newer, and this is")
            assert refused.shown.count("\n") == 1, refused.shown
            command = [str(python), str(installed.root / "course"), "hint"]
            started = ended(begin(command, installed.wheels, {}))
            assert (started.code, started.shown) == (7, "")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("OSError: [Errno 122] Disk quota exceeded", "The disk is full"),
        (
            "[WinError 112] Es steht nicht genug Speicherplatz auf dem Datenträger",
            "The disk is full",
        ),
        ("NewConnectionError(...: [Errno -2] Name or service not known)", "The packages could not"),
        ("ProxyError('Cannot connect to proxy.', OSError(...))", "The packages could not"),
        ("SSLError(SSLCertVerificationError(1, ...))", "The packages could not"),
        ("[Errno 111] Connection refused", "The packages could not"),
        ("Error: [Errno 30] Read-only file system: '.venv'", "The course cannot write in"),
        (
            "[WinError 32] Der Prozess kann nicht auf die Datei zugreifen",
            "The course cannot write in",
        ),
    ],
)
def test_what_the_system_says_is_understood(
    clone: Project, monkeypatch: pytest.MonkeyPatch, said: str, sentence: str
) -> None:
    launcher = names(clone, monkeypatch, os.name)
    told = launcher.explain(["Looking in indexes", said, "Traceback (most recent call last):"])
    assert told.startswith(f"  | {said}\n{sentence}")


def names(clone: Project, monkeypatch: pytest.MonkeyPatch, system: str) -> SimpleNamespace:
    """What the launcher defines where that is os.name; nothing is started."""
    path = clone.root / "course"
    names: dict[str, object] = {"__name__": "launcher", "__file__": str(path)}
    code = compile(path.read_text(), str(path), "exec")
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", system)
        exec(code, names)
    return SimpleNamespace(**names)


def test_on_windows_the_python_of_the_environment_is_in_scripts(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = names(clone, monkeypatch, "nt")
    assert str(clone.venv / "Scripts" / "python.exe") == launcher.PYTHON


def test_on_windows_the_python_below_is_in_the_home_of_pyvenv_cfg(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.venv.mkdir()
    (clone.venv / "pyvenv.cfg").write_text("home = /Größer/Python312\nversion = 3.12.1\n", "utf-8")
    launcher = names(clone, monkeypatch, "nt")
    assert launcher.base_python() == "/Größer/Python312/python.exe"


def test_on_windows_a_locked_file_means_another_start(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PermissionError(13, "Permission denied"), None])

    def locking(fd: int, mode: int, size: int) -> None:
        if error := next(answers):
            raise error

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking))
    launcher = names(clone, monkeypatch, "nt")
    with (clone.root / "lock").open("a") as turn:
        assert [launcher.lock_at_once(turn), launcher.lock_at_once(turn)] == [False, True]


def test_on_windows_the_launcher_outlasts_ctrl_c_and_passes_the_exit_code_on(
    clone: Project,
) -> None:
    path = str(clone.root / "course")
    tool = "import sys; print('ready', flush=True); sys.exit(len(sys.stdin.read()))"
    program = (
        "import os, sys; os.name = 'nt'; "
        f"names = {{'__name__': 'launcher', '__file__': {path!r}}}; "
        f"exec(open({path!r}).read(), names); "
        f"names['become']([sys.executable, '-c', {tool!r}])"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "ready\n"
        launcher.send_signal(signal.SIGINT)
        launcher.communicate("12345", timeout=PATIENCE)
    assert launcher.returncode == 5
