"""Noticing saves: what editors do, what tools leave behind, and where no file events arrive."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course import saves
from course.saves import SaveWatcher, content_hash, snapshot

WITHIN = 10.0


class Noticed:
    """Counts saves; `once_more` waits for the next."""

    def __init__(self) -> None:
        self._saves = threading.Semaphore(0)

    def __call__(self) -> None:
        self._saves.release()

    def once_more(self, within: float = WITHIN) -> bool:
        return self._saves.acquire(timeout=within)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("one = 1\n")
    return tmp_path


@pytest.fixture
def noticed() -> Noticed:
    return Noticed()


@pytest.fixture
def watcher(folder: Path, noticed: Noticed) -> Iterator[SaveWatcher]:
    watcher = SaveWatcher(folder, noticed)
    watcher.start()
    yield watcher
    watcher.stop()
    assert not watcher.is_alive()


def in_place(folder: Path) -> None:
    (folder / "app.py").write_text("two = 2\n")


def through_a_temporary_file(folder: Path) -> None:
    (folder / ".app.py.swp").write_text("two = 2\n")
    (folder / ".app.py.swp").replace(folder / "app.py")


def old_file_kept_aside(folder: Path) -> None:
    (folder / "app.py").rename(folder / "app.py~")
    (folder / "app.py").write_text("two = 2\n")


def deleted(folder: Path) -> None:
    (folder / "app.py").unlink()


def renamed(folder: Path) -> None:
    (folder / "app.py").rename(folder / "main.py")


def in_a_new_folder(folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text("two = 2\n")


@pytest.mark.parametrize(
    "save",
    [in_place, through_a_temporary_file, old_file_kept_aside, deleted, renamed, in_a_new_folder],
)
@pytest.mark.usefixtures("watcher")
def test_every_way_to_save_is_noticed(
    folder: Path, noticed: Noticed, save: Callable[[Path], None]
) -> None:
    save(folder)
    assert noticed.once_more()


@pytest.mark.usefixtures("watcher")
def test_saving_the_same_content_is_no_save(folder: Path, noticed: Noticed) -> None:
    (folder / "app.py").write_text("one = 1\n")
    (folder / "usage.db").write_bytes(b"a database grows")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "app.pyc").write_bytes(b"")
    in_place(folder)
    assert noticed.once_more()
    assert not noticed.once_more(within=0.0)


@pytest.mark.usefixtures("watcher")
def test_a_folder_that_is_taken_away_and_brought_back_is_watched_again(
    folder: Path, noticed: Noticed
) -> None:
    aside = folder.parent / f"{folder.name}-aside"
    folder.rename(aside)
    assert noticed.once_more()
    aside.rename(folder)
    assert noticed.once_more()
    in_place(folder)
    assert noticed.once_more()


def test_where_no_events_arrive_it_looks(
    folder: Path, noticed: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_events(*_: object, **__: object) -> Iterator[set[object]]:
        while True:
            threading.Event().wait(0.01)
            yield set()

    monkeypatch.setattr("watchfiles.watch", no_events)
    watcher = SaveWatcher(folder, noticed)
    watcher.start()
    for number in range(4):
        (folder / "app.py").write_text(f"number = {number}\n")
        assert noticed.once_more()
    assert watcher.polling
    watcher.stop()
    assert not watcher.is_alive()


def test_where_watching_is_refused_it_looks(
    folder: Path, noticed: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> Iterator[set[object]]:
        raise OSError(28, "no more file watches")
        yield set()

    monkeypatch.setattr("watchfiles.watch", refused)
    watcher = SaveWatcher(folder, noticed)
    watcher.start()
    in_place(folder)
    assert noticed.once_more()
    assert watcher.polling
    watcher.stop()


def test_a_folder_that_is_gone_has_an_empty_snapshot(tmp_path: Path) -> None:
    assert snapshot(tmp_path / "nowhere") == {}


def test_the_hash_tells_names_and_contents(folder: Path) -> None:
    first = content_hash(folder)
    shutil.copyfile(folder / "app.py", folder / "copy.py")
    assert content_hash(folder) != first
    (folder / "copy.py").unlink()
    assert content_hash(folder) == first


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    assert [path.name for path in saves.files(folder)] == ["app.py"]
