"""The launcher on a clean clone, later, and when something is in its way.

Every test works on a copy of the launcher in a folder of its own, with a tool of ten lines and locks that name tiny
wheels made here. `clone` is such a folder before the first start; `project` is one after it, shared and put back.
"""

import ast
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
PATIENCE = 60  # seconds; bounds only a test that fails

TOOL = """
import json, sys
from importlib.metadata import distributions
versions = {d.name: d.version for d in distributions() if d.name in ("tiny", "extra")}
import tiny
print(json.dumps({"arguments": sys.argv[1:], "python": sys.executable, "tiny": tiny.VERSION, "all": versions}))
sys.exit(7)
"""


def make_wheel(folder: Path, name: str, version: str) -> Path:
    """A package of one line. Its metadata comes first: cut short after it, pip takes the package for installed."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\n")
    return path


@dataclass(frozen=True)
class Project:
    root: Path
    wheels: Path

    def lock(self, lock: str, package: str, version: str, sha256: str = "") -> None:
        wheel = self.wheels / f"{package}-{version}-py3-none-any.whl"
        sha256 = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / lock).write_text(f"{package}=={version} \\\n    --hash=sha256:{sha256}\n")

    def environment(self, **settings: str) -> dict[str, str]:
        mine = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "PYTHON"))
        }
        pip = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_RETRIES": "0",
            "NO_PROXY": "*",
        }
        here = (
            {}
            if "PIP_INDEX_URL" in settings
            else {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri()}
        )
        return {**mine, **pip, **here, **settings}

    def begin(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.root / "course"), *arguments],
            env=self.environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str, **settings: str) -> SimpleNamespace:
        return ended(self.begin(*arguments, **settings))

    def start_as_if(self, pretence: str, *arguments: str, **settings: str) -> SimpleNamespace:
        """Runs the launcher's text after a line that changes the Python it finds."""
        path = str(self.root / "course")
        program = (
            f"import os, sys\nsys.argv = {[path, *arguments]!r}\n{pretence}\n"
            f"exec(compile(open({path!r}).read(), {path!r}, 'exec'), "
            f"{{'__name__': '__main__', '__file__': {path!r}}})"
        )
        return ended(
            subprocess.Popen(
                [sys.executable, "-c", program],
                env=self.environment(**settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))


def ended(process: subprocess.Popen[str]) -> SimpleNamespace:
    with process:
        try:
            said, progress = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    tool = json.loads(said) if said.startswith("{") else None
    return SimpleNamespace(code=process.returncode, tool=tool, said=said, progress=progress)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for name, version in [("tiny", "1.0"), ("tiny", "2.0"), ("extra", "1.0")]:
        make_wheel(folder, name, version)
    return folder


def make_clone(folder: Path, wheels: Path) -> Project:
    clone = Project(folder / "a course, größer", wheels)
    (clone.root / "cli/course").mkdir(parents=True)
    (clone.root / "cli/course/__init__.py").touch()
    (clone.root / "cli/course/__main__.py").write_text(TOOL)
    shutil.copy(LAUNCHER, clone.root)
    clone.lock("requirements.lock", "tiny", "1.0")
    clone.lock("requirements-test.lock", "extra", "1.0")
    return clone


@pytest.fixture
def clone(tmp_path: Path, wheels: Path) -> Project:
    return make_clone(tmp_path, wheels)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> SimpleNamespace:
    """A clone and its first start, by the name of the file alone as a learner types it."""
    clone = make_clone(tmp_path_factory.mktemp("shared"), wheels)
    here = os.path.dirname(os.path.realpath(sys.executable))
    start = subprocess.run(
        ["./course", "check", "two words", "--json", "-"],
        cwd=clone.root,
        text=True,
        capture_output=True,
        env=clone.environment(PATH=here + os.pathsep + os.environ["PATH"]),
        timeout=PATIENCE,
    )
    shutil.copytree(clone.root, clone.root.with_name("as it was"), symlinks=True)
    return SimpleNamespace(project=clone, start=start)


@pytest.fixture
def project(first_start: SimpleNamespace) -> Iterator[Project]:
    yield first_start.project
    root: Path = first_start.project.root
    shutil.rmtree(root)
    shutil.copytree(root.with_name("as it was"), root, symlinks=True)


class Index(ThreadingHTTPServer):
    """A package index that says when a wheel is asked for, and holds it back until told to send it."""

    daemon_threads = True

    def __init__(self, wheels: Path) -> None:
        super().__init__(("127.0.0.1", 0), IndexHandler)
        self.wheels, self.asked, self.send, self.wheel_requests = wheels, Event(), Event(), 0
        self.url = f"http://127.0.0.1:{self.server_port}/simple"

    def handle_error(self, *_: object) -> None:
        """A client that was ended while it waited is what these tests are about."""


class IndexHandler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        if self.path.endswith(".whl"):
            self.server.wheel_requests += 1
            self.server.asked.set()
            self.server.send.wait(PATIENCE)
            body = (self.server.wheels / self.path.rpartition("/")[2]).read_bytes()
        else:
            body = "".join(
                f'<a href="/{path.name}">{path.name}</a>' for path in self.server.wheels.iterdir()
            ).encode()
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
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.send.set()
        server.shutdown()


def when_pip_writes_tiny(project: Project, deed: str) -> None:
    """From now on every Python in .venv does the deed when it has just opened tiny.py for writing."""
    (project.packages / "sitecustomize.py").write_text(
        "import builtins, errno, socket\nreal_open = builtins.open\n"
        "def changed_open(file, mode='r', *more, **named):\n"
        "    opened = real_open(file, mode, *more, **named)\n"
        "    if 'w' in mode and str(file).endswith('tiny.py'):\n"
        f"        {deed}\n"
        "    return opened\n"
        "builtins.open = changed_open\n"
    )


def test_the_first_start_installs_and_hands_over(first_start: SimpleNamespace) -> None:
    start = first_start.start
    assert json.loads(start.stdout)["arguments"] == ["check", "two words", "--json", "-"]
    assert json.loads(start.stdout)["tiny"] == "1.0"
    assert start.returncode == 7
    version = "%d.%d" % sys.version_info[:2]
    assert (
        start.stderr
        == f"Setting up (once): making .venv with Python {version}\nInstalling packages: 1\n"
    )


def test_packages_are_installed_compiled(project: Project) -> None:
    assert list(project.packages.glob("__pycache__/tiny.*.pyc"))


def test_a_later_start_runs_no_pip_and_says_nothing(project: Project) -> None:
    shutil.rmtree(project.packages / "pip")
    later = project.start("hint")
    assert (later.code, later.tool["arguments"], later.progress) == (7, ["hint"], "")


def test_a_later_start_imports_only_what_python_has_imported_by_itself(project: Project) -> None:
    program = (
        "import os, runpy, sys; os.execvp = lambda *_: sys.exit(repr(set(sys.modules) - before)); "
        "sys.argv = ['course']; before = set(sys.modules); "
    )
    later = project.start_as_if(program)
    assert later.progress == "set()\n"


def test_a_later_start_writes_nothing_so_a_read_only_folder_will_do(project: Project) -> None:
    later = start_without_the_right_to_write(project)
    assert (later.code, later.progress) == (7, "")


def test_the_launcher_may_be_linked_from_elsewhere(project: Project, tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to(project.root / "course")
    later = Project(tmp_path, project.wheels).start()
    assert (later.code, later.progress) == (7, "")


def test_files_in_the_folder_are_not_taken_for_modules(project: Project) -> None:
    for name in ("course.py", "subprocess.py", "pip.py", "threading.py"):
        (project.root / name).write_text("raise SystemExit('wrong file')")
    start = subprocess.run(
        [sys.executable, "course", "test"],
        cwd=project.root,
        env=project.environment(),
        text=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert start.returncode == 7, start.stderr


def test_a_changed_lock_is_installed_into_the_same_environment(project: Project) -> None:
    (project.venv / "witness").touch()
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.start()
    assert start.tool["tiny"] == "2.0"
    assert start.tool["all"] == {"tiny": "2.0"}
    assert (project.venv / "witness").exists()


def test_a_moved_folder_gets_a_new_environment(project: Project) -> None:
    moved = Project(project.root.with_name("moved"), project.wheels)
    project.root.rename(moved.root)
    try:
        start = moved.start()
    finally:
        moved.root.rename(project.root)
    assert (start.code, start.tool["python"]) == (7, str(moved.venv / "bin/python"))
    assert "making .venv" in start.progress


def test_an_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    (project.venv / "bin/python").unlink()
    (project.venv / "bin/python").symlink_to("/nowhere/python3.11")
    with project.begin() as start:
        assert "making .venv" in start.stderr.readline()
        start.kill()


def test_course_test_installs_the_test_lock_first(project: Project) -> None:
    start = project.start("test", "-x")
    assert start.tool["arguments"] == ["test", "-x"]
    assert start.tool["all"] == {"tiny": "1.0", "extra": "1.0"}
    assert project.start("check").progress == ""


def test_ensure_installs_a_lock_and_starts_no_tool(project: Project) -> None:
    shutil.copy(project.root / "requirements-test.lock", project.root / "requirements-local.lock")
    start = project.start("--ensure", "local")
    assert (start.code, start.said, start.progress) == (0, "", "Installing packages: 1\n")
    assert project.start("check").tool["all"] == {"tiny": "1.0", "extra": "1.0"}


def test_a_lock_that_is_not_there_is_named(project: Project) -> None:
    start = project.start("--ensure", "nonsense")
    assert start.code == 3
    assert start.progress.startswith("requirements-nonsense.lock is missing in ")


def test_on_a_terminal_the_packages_are_counted(project: Project) -> None:
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, str(project.root / "course"), "--ensure", "test"],
        env=project.environment(),
        stderr=theirs,
        timeout=PATIENCE,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert shown.startswith("\rInstalling packages: 0 of 1\rInstalling packages: 1 of 1")
    assert shown.endswith(
        "\rInstalling packages: 1 of 1, unpacking\rInstalling packages: 1 of 1\r\n"
    )


def test_killed_while_pip_writes_pip_ends_and_the_next_start_makes_it_whole(
    project: Project,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        when_pip_writes_tiny(
            project, f"socket.create_connection(('127.0.0.1', {listener.getsockname()[1]})).recv(1)"
        )
        project.lock("requirements.lock", "tiny", "2.0")
        start = project.begin()
        pip, _ = listener.accept()
        with pip:
            pip.settimeout(PATIENCE)
            assert list(project.packages.glob("tiny-2.0.dist-info/METADATA"))
            start.kill()
            assert pip.recv(1) == b"", "pip went on after its launcher was killed"
        ended(start)
    again = project.start()
    assert (again.code, again.tool["tiny"]) == (7, "2.0")


def test_killed_while_it_makes_the_environment_the_next_start_makes_it_anew(clone: Project) -> None:
    with clone.begin() as start:
        assert "making .venv" in start.stderr.readline()
        start.kill()
    with clone.begin() as again:
        progress = [again.stderr.readline(), again.stderr.readline()]
        again.kill()
    assert any("making .venv" in line for line in progress), progress


def test_ctrl_c_says_one_sentence_and_leaves_what_was_there(project: Project, index: Index) -> None:
    installed = (project.root / "requirements.lock").read_text()
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.begin(PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    start.send_signal(signal.SIGINT)
    stopped = ended(start)
    assert stopped.code == 130
    assert stopped.progress.splitlines()[1:] == [
        "Stopped before the setup was complete: run the same command again to go on."
    ]
    (project.root / "requirements.lock").write_text(installed)
    assert project.start().progress == ""


def test_after_ctrl_c_the_same_command_goes_on(project: Project, index: Index) -> None:
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.begin(PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    start.send_signal(signal.SIGINT)
    ended(start)
    index.send.set()
    assert project.start(PIP_INDEX_URL=index.url).tool["tiny"] == "2.0"


def test_of_two_first_starts_at_once_one_installs_and_both_succeed(
    clone: Project, index: Index
) -> None:
    one = clone.begin("one", PIP_INDEX_URL=index.url)
    assert index.asked.wait(PATIENCE)
    two = clone.begin("two", PIP_INDEX_URL=index.url)
    assert two.stderr.readline() == "Another start is setting up: waiting for it.\n"
    index.send.set()
    first, second = ended(one), ended(two)
    assert (first.code, first.tool["arguments"]) == (7, ["one"])
    assert (second.code, second.tool["arguments"], second.progress) == (7, ["two"], "")
    assert index.wheel_requests == 1


def test_without_a_network_it_says_so_and_what_was_there_still_works(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}/simple"
    for retries in ("0", "1"):  # pip tells the reason only when it tries again
        start = project.start("test", PIP_INDEX_URL=closed, PIP_RETRIES=retries)
        assert start.code == 3
        assert start.progress.splitlines()[-1] == (
            "The packages could not be fetched, because the package index cannot be reached or lacks them: check the "
            "network (and HTTPS_PROXY, PIP_CERT, PIP_INDEX_URL if you need them), then run the same command again."
        )
    assert project.start("check").progress == ""


def test_a_package_with_another_hash_is_refused(project: Project) -> None:
    project.lock("requirements.lock", "tiny", "2.0", sha256="0" * 64)
    start = project.start()
    assert start.code == 3
    assert "  |         Expected sha256 " + "0" * 64 in start.progress.splitlines()
    assert start.progress.splitlines()[-1].startswith(
        "A fetched package was refused, because it is not the one"
    )


def test_a_full_disk_is_named_and_the_half_written_environment_is_made_anew(
    project: Project,
) -> None:
    when_pip_writes_tiny(
        project, "raise OSError(errno.ENOSPC, 'No space left on device', str(file))"
    )
    project.lock("requirements.lock", "tiny", "2.0")
    start = project.start()
    assert start.code == 3
    assert start.progress.splitlines()[-1] == (
        f"The disk is full: free some space for {project.root} and for temporary files, "
        "then run the same command again."
    )
    with project.begin() as again:
        assert "making .venv" in again.stderr.readline()
        again.kill()


def test_a_failure_nobody_foresaw_shows_pips_last_lines(project: Project) -> None:
    (project.root / "requirements.lock").write_text("tiny==\n")
    start = project.start()
    assert start.code == 3
    assert any(
        line.startswith("  | ERROR: Invalid requirement") for line in start.progress.splitlines()
    )
    assert start.progress.splitlines()[-1].startswith(
        "The setup failed, and the lines above are all that is known:"
    )


def start_without_the_right_to_write(project: Project) -> SimpleNamespace:
    """Read only, for root too: on Linux root may write anywhere until it drops CAP_DAC_OVERRIDE (1)."""
    command = [sys.executable, str(project.root / "course")]
    program = f"import ctypes, os; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); os.execv({command[0]!r}, {command!r})"
    project.root.chmod(0o555)
    try:
        return ended(
            subprocess.Popen(
                [sys.executable, "-c", program],
                env=project.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    finally:
        project.root.chmod(0o755)


def test_a_read_only_folder_is_named(clone: Project) -> None:
    start = start_without_the_right_to_write(clone)
    assert start.code == 3
    assert start.progress.splitlines()[-1] == (
        f"The course cannot write in {clone.root}: make the folder and its .venv writable and end what is using them, "
        "or copy the project to a folder of your own, then run the same command again."
    )


def test_a_file_called_venv_is_not_touched(clone: Project) -> None:
    clone.venv.write_text("mine")
    start = clone.start()
    assert start.code == 3
    assert start.progress == (
        f"{clone.venv} is a file, and the course needs a folder of that name: "
        "rename or delete it, then run the same command again.\n"
    )
    assert clone.venv.read_text() == "mine"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_the_modules_to_make_environments(clone: Project, module: str) -> None:
    start = clone.start_as_if(f"sys.modules[{module!r}] = None")
    assert start.code == 3
    assert start.progress == (
        f"This Python ({sys.executable}) cannot make environments, because its module venv or ensurepip is missing: "
        "install it (on Debian and Ubuntu with `sudo apt install python%d.%d-venv`), then run the same command again.\n"
        % sys.version_info[:2]
    )


def test_a_python_too_old_is_told_so(clone: Project, tmp_path: Path) -> None:
    start = clone.start_as_if("sys.version_info = (3, 10, 4, 'final', 0)", PATH=str(tmp_path))
    assert start.code == 3
    assert start.progress == (
        f"The course needs Python 3.11 or newer, and this is Python 3.10.4 ({sys.executable}): install a newer one, "
        "from python.org or with your system's packages, then run the same command again.\n"
    )


def test_a_newer_python_on_the_path_is_used_instead(clone: Project, tmp_path: Path) -> None:
    for name, text in [
        ("python3.14", "exit 127"),
        ("python3.12", 'test "$1" = -c || echo took over: "$2 $3"'),
    ]:
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    start = clone.start_as_if(
        "sys.version_info = (3, 10, 4, 'final', 0)", "check", "basic", PATH=str(tmp_path)
    )
    assert (start.code, start.said, start.progress) == (0, "took over: check basic\n", "")


def test_old_pythons_can_read_the_file() -> None:
    """What Python 2.7 or 3.6 would stumble over, seen in the syntax tree; where old ones are installed they run it too."""
    text = LAUNCHER.read_text(encoding="ascii")
    too_new = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.Nonlocal,
        ast.YieldFrom,
        ast.Await,
        ast.Match,
    )
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, too_new), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            inputs = [*node.args.args, node.args.vararg, node.args.kwarg]
            assert not node.returns and not node.args.kwonlyargs and not node.args.posonlyargs, (
                node.name
            )
            assert not any(one and one.annotation for one in inputs), node.name
        assert not (isinstance(node, ast.Raise) and node.cause), "raise ... from"
        assert not (
            isinstance(node, ast.List | ast.Tuple)
            and any(isinstance(e, ast.Starred) for e in node.elts)
        )


def old_pythons() -> list[str]:
    found = [
        shutil.which(f"python{version}")
        for version in ("2", "2.7", "3.6", "3.7", "3.8", "3.9", "3.10")
    ]
    found += [str(path) for path in Path.home().glob(".pyenv/versions/[23].*/bin/python")]
    ask = "import sys; sys.exit(sys.version_info >= (3, 11))"
    return [
        path
        for path in found
        if path and subprocess.run([path, "-c", ask], capture_output=True).returncode == 0
    ]


def test_the_old_pythons_of_this_machine_say_one_sentence_or_start_what_is_installed(
    clone: Project, project: Project, tmp_path: Path
) -> None:
    for python in old_pythons():
        refused = subprocess.run(
            [python, str(clone.root / "course")],
            env=clone.environment(PATH=str(tmp_path)),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert refused.returncode == 3, refused.stderr
        assert refused.stderr.startswith(
            "The course needs Python 3.11 or newer, and this is Python "
        ), refused.stderr
        assert refused.stderr.count("\n") == 1, refused.stderr
        started = subprocess.run(
            [python, str(project.root / "course"), "hint"],
            env=project.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert (started.returncode, started.stderr) == (7, ""), python


def on_windows(clone: Project, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The launcher's names as they are where os.name is "nt"; nothing is started."""
    path = clone.root / "course"
    names: dict[str, object] = {"__name__": "launcher", "__file__": str(path)}
    code = compile(path.read_text(), str(path), "exec")
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        exec(code, names)
    return SimpleNamespace(**names)


def test_on_windows_the_environment_has_its_python_in_scripts(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_windows(clone, monkeypatch).PYTHON == str(clone.venv / "Scripts" / "python.exe")


def test_on_windows_the_python_below_is_the_home_in_pyvenv_cfg(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.venv.mkdir()
    (clone.venv / "pyvenv.cfg").write_text(
        "home = /Programs/Größer/Python312\nversion = 3.12.1\n", encoding="utf-8"
    )
    assert on_windows(clone, monkeypatch).base_python() == "/Programs/Größer/Python312/python.exe"


def test_on_windows_a_locked_file_is_tried_again(
    clone: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PermissionError(13, "Permission denied"), None])

    def locking(fd: int, mode: int, length: int) -> None:
        if answer := next(answers):
            raise answer

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking))
    launcher = on_windows(clone, monkeypatch)
    with open(clone.root / "lock", "a") as turn:
        assert launcher.lock_at_once(turn) is False
        assert launcher.lock_at_once(turn) is True


def test_on_windows_the_launcher_waits_through_ctrl_c_and_passes_the_exit_code_on(
    clone: Project,
) -> None:
    tool = [
        sys.executable,
        "-c",
        "import sys; print('ready', flush=True); sys.exit(len(sys.stdin.read()))",
    ]
    path = str(clone.root / "course")
    program = (
        f"import os; os.name = 'nt'; names = {{'__name__': 'launcher', '__file__': {path!r}}}; "
        f"exec(open({path!r}).read(), names); names['become']({tool!r})"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", program],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with launcher:
        assert launcher.stdout.readline() == "ready\n"
        launcher.send_signal(signal.SIGINT)
        launcher.communicate("12345", timeout=PATIENCE)
    assert launcher.returncode == 5
