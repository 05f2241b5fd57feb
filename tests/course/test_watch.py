"""Watch mode as one uses it: a process, saves, Ctrl-C; and nothing left behind."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.grading.processes import descendants

ROOT = Path(__file__).parent.parent.parent
STARTER = ROOT / "starter" / "01_basic" / "app.py"
SOLUTION = ROOT / "solutions" / "01_basic" / "app.py"
WITHIN = 60.0
COMMAND = ("course", "check", "basic", "--watch", "--path")


class Watch:
    """`course check basic --watch` on a folder; its output line by line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", *COMMAND, folder.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder.parent,
            env={**os.environ, "COURSE_WORK": str(folder.parent / "work")},
            start_new_session=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, text: str) -> str:
        """All lines up to the one that holds `text`."""
        seen = ""
        while True:
            try:
                line = self._lines.get(timeout=WITHIN)
            except queue.Empty:
                raise AssertionError(f"{text!r} did not come; what came:\n{seen}") from None
            seen += line
            if text in line:
                return seen

    def save(self, source: str) -> None:
        passing = self.folder / ".app.py.tmp"
        passing.write_text(source)
        passing.replace(self.folder / "app.py")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WITHIN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copyfile(STARTER, folder / "app.py")
    return folder


@pytest.fixture
def watch(folder: Path) -> Iterator[Watch]:
    watch = Watch(folder)
    yield watch
    if watch.process.poll() is None:
        watch.process.kill()
    watch.process.wait()
    watch._reader.join(WITHIN)
    assert watch.process.stdout is not None
    watch.process.stdout.close()


def until_true(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def alive(pid: int) -> bool:
    return (Path("/proc") / str(pid)).exists()


def below(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_each_save_brings_a_verdict(watch: Watch) -> None:
    assert "0 of 5 exercises" in watch.until("watching")
    watch.save(SOLUTION.read_text())
    assert "5 of 5 exercises" in watch.until("watching")
    watch.save("app = (\n")
    assert "a syntax error" in watch.until("watching")
    watch.save(SOLUTION.read_text() + "\n# saved again\n")
    assert "5 of 5 exercises" in watch.until("watching")


def test_a_deleted_file_is_a_verdict_and_not_the_end(watch: Watch) -> None:
    watch.until("watching")
    (watch.folder / "app.py").unlink()
    assert "There is no app.py" in watch.until("watching")
    watch.save(SOLUTION.read_text())
    assert "5 of 5 exercises" in watch.until("watching")


def test_a_newer_save_ends_the_running_check(watch: Watch) -> None:
    watch.until("watching")
    endless = "import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(3600)\n"
    watch.save(endless)
    until_true((watch.folder / "begun").exists)
    watch.save(SOLUTION.read_text())
    seen = watch.until("watching")
    assert "5 of 5 exercises" in seen
    assert "did not finish its import" not in seen


def test_ctrl_c_ends_everything(watch: Watch) -> None:
    watch.until("watching")
    parents = descendants(watch.process.pid)
    assert len(parents) == 2
    assert watch.interrupt() == 1  # what the last verdict was
    assert not any(map(alive, parents))
    assert below(watch.folder) == []


def test_ctrl_c_in_the_middle_of_a_check_ends_everything(watch: Watch) -> None:
    watch.until("watching")
    watch.save("import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(3600)\n")
    until_true((watch.folder / "begun").exists)
    watch.interrupt()
    assert below(watch.folder) == []


def test_a_watch_that_is_killed_takes_everything_with_it(watch: Watch) -> None:
    watch.until("watching")
    parents = descendants(watch.process.pid)
    assert len(parents) == 2
    watch.process.kill()
    watch.process.wait()
    until_true(lambda: not any(map(alive, parents)))
    assert below(watch.folder) == []
