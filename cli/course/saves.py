"""Saves in a folder, noticed at once by file events, or by looking where events do not arrive."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

IGNORED_FOLDERS = {"__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv"}
IGNORED_ENDINGS = (
    *(".pyc", ".swp", ".swx", "~", ".tmp"),
    *(".db", ".db-wal", ".db-shm", ".db-journal", ".jsonl", ".log", ".sqlite3"),  # apps write these
)
EVENT_STEP_MS = 5
LOOK_AROUND_MS = 500  # how often to look although no event came
POLL_SECONDS = 0.05

Snapshot = dict[str, tuple[int, int, int]]


def snapshot(folder: Path) -> Snapshot:
    """The files of a folder with modification time (ns), size and inode; empty when it is gone."""
    found: Snapshot = {}
    for path in files(folder):
        try:
            status = path.stat()
        except OSError:  # deleted while we look
            continue
        found[str(path)] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def content_hash(folder: Path) -> str:
    """A hash over the files' names and contents: saving without a change is no change."""
    digest = hashlib.sha256()
    for path in files(folder):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        digest.update(str(path).encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def files(folder: Path) -> Iterator[Path]:
    """What counts as the learner's source: regular files that no tool writes by itself."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.is_dir():
            if path.name not in IGNORED_FOLDERS and not path.is_symlink():
                yield from files(path)
        elif not path.name.endswith(IGNORED_ENDINGS):
            yield path


class SaveWatcher(threading.Thread):
    """Calls `on_save` after each change of content, from a thread of its own, until `stop`.

    `polling` turns true once a change was found that no file event had told of (network and
    container mounts).
    """

    def __init__(self, folder: Path, on_save: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.on_save = on_save
        self.polling = False
        self._stopped = threading.Event()
        self._snapshot = snapshot(folder)
        self._hash = content_hash(folder)

    def stop(self) -> None:
        self._stopped.set()
        self.join(5.0)

    def run(self) -> None:
        while not self._stopped.is_set():
            if self.polling or not self.folder.is_dir():
                self._stopped.wait(POLL_SECONDS)
                self._look()
            else:
                self._follow_events()

    def _follow_events(self) -> None:
        """Follow file events, until polling turns out to be needed or the folder is gone."""
        from watchfiles import watch

        unannounced = 0
        try:
            for changes in watch(
                self.folder,
                watch_filter=None,
                debounce=EVENT_STEP_MS * 10,
                step=EVENT_STEP_MS,
                stop_event=self._stopped,
                rust_timeout=LOOK_AROUND_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                changed = self._look()
                if changes:
                    unannounced = 0
                elif changed:  # once may be an event about to arrive, twice is no accident
                    unannounced += 1
                    self.polling = unannounced == 2
                if self.polling or not self.folder.is_dir():
                    return
        except OSError:  # no more file watches, or the folder went away as we began
            self.polling = self.folder.is_dir()

    def _look(self) -> bool:
        """Has the content changed? Tells `on_save` if so."""
        now = snapshot(self.folder)
        if now == self._snapshot:
            return False
        self._snapshot = now
        content = content_hash(self.folder)
        if content == self._hash:
            return False
        self._hash = content
        self.on_save()
        return True
