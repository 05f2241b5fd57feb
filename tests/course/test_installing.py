"""What only some suites need is installed when one of them is first checked, and never twice."""

import sys
from pathlib import Path

import pytest

from course.catalog import load
from course.grading.plugin import SuitePlugin
from course.installing import LOCKS, install_what_suites_need

ROOT = Path(__file__).parents[2]
LAUNCHER = """\
import os, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "asked").open("a") as asked:
    asked.write(" ".join(sys.argv[1:]) + "\\n")
print("said on stdout")
if (here / "offline").exists():
    sys.exit(3)
(here / ".venv" / f"requirements-{sys.argv[2]}.lock.installed").touch()
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose launcher notes what it is asked for."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "course").write_text(LAUNCHER)
    (tmp_path / "plain.py").write_text("def test_it(app: App) -> None: ...\n")
    (tmp_path / "needy.py").write_text("def test_it(folder: Path, hadolint: Lint) -> None: ...\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    return tmp_path


def asked(root: Path) -> list[str]:
    path = root / "asked"
    return path.read_text().splitlines() if path.exists() else []


def test_a_suite_that_needs_nothing_asks_for_nothing(root: Path) -> None:
    install_what_suites_need(root, [root / "plain.py", root / "no such suite.py"])
    assert asked(root) == []


def test_the_lock_of_a_suite_is_installed_once(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        install_what_suites_need(root, [root / "plain.py", root / "needy.py"])
    assert asked(root) == ["--ensure services"]
    assert capfd.readouterr().out == "", "stdout belongs to `--json -`"


def test_where_it_cannot_be_installed_the_check_goes_on(root: Path) -> None:
    (root / "offline").touch()
    install_what_suites_need(root, [root / "needy.py"])
    assert asked(root) == ["--ensure services"]


def test_the_lock_of_the_tests_has_it_all(root: Path) -> None:
    (root / ".venv/requirements-test.lock.installed").touch()
    install_what_suites_need(root, [root / "needy.py"])
    assert asked(root) == []


def test_an_environment_that_the_launcher_has_not_made_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", "/usr")
    install_what_suites_need(root, [root / "needy.py"])
    assert asked(root) == []


def test_every_lock_and_fixture_is_there() -> None:
    for lock, fixtures in LOCKS.items():
        assert (ROOT / f"requirements-{lock}.lock").is_file()
        assert [name for name in fixtures if not hasattr(SuitePlugin, name)] == []


@pytest.mark.parametrize(("slug", "lock"), [("deployment", "services"), ("testing", "testing")])
def test_the_lessons_that_need_a_lock_get_it(root: Path, slug: str, lock: str) -> None:
    folder = load(ROOT / "course.toml").lesson(slug).slug
    install_what_suites_need(root, [ROOT / "tests/suites" / folder / f"test_{slug}.py"])
    assert asked(root) == [f"--ensure {lock}"]
