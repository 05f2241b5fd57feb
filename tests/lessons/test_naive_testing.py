"""What lesson testing says of its naive tests and examples, on the libraries of today."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lesson_module import load_from

from course.grading.app_process import environment_for_apps
from course.grading.job import learners_settings

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "lessons" / "09_testing"
SUITE = ROOT / "tests" / "suites" / "testing"
GIVEN = ROOT / "starter" / "09_testing"


def run_tests(folder: Path, tests: Path, app: Path | None = None) -> tuple[int, int]:
    """How many tests of a file passed and how many did not, beside the given app or another one."""
    if not folder.exists():
        shutil.copytree(GIVEN, folder)
    if app is not None:
        shutil.copyfile(app, folder / "app.py")
    shutil.copyfile(tests, folder / "test_these.py")
    settings = learners_settings(SUITE / "test_testing.py")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_these.py"],
        cwd=folder,
        env={
            **environment_for_apps(folder, "", "", settings),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(folder),
        },
        capture_output=True,
        encoding="utf-8",
    )
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (\w+)", ended.stdout[-80:])}
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return counts.get("passed", 0), counts.get("failed", 0)


def test_the_naive_tests_pass_on_the_given_app(tmp_path: Path) -> None:
    assert run_tests(tmp_path / "app", LESSON / "naive.py") == (4, 0)


def test_the_naive_tests_pass_on_an_app_with_ten_mistakes(tmp_path: Path) -> None:
    app = LESSON / "examples" / "ten_mistakes.py"
    assert run_tests(tmp_path / "app", LESSON / "naive.py", app) == (4, 0)


def test_the_naive_tests_fail_on_another_right_app(tmp_path: Path) -> None:
    app = SUITE / "apps" / "in_the_lifespan.py"
    assert run_tests(tmp_path / "app", LESSON / "naive.py", app) == (3, 1)


def test_the_tests_of_the_solution_find_the_ten_mistakes(tmp_path: Path) -> None:
    app = LESSON / "examples" / "ten_mistakes.py"
    tests = ROOT / "solutions" / "09_testing" / "test_app.py"
    assert run_tests(tmp_path / "app", tests, app) == (7, 11)


def test_the_ferry_is_tested(tmp_path: Path) -> None:
    folder = tmp_path / "ferry"
    folder.mkdir()
    shutil.copy(LESSON / "examples" / "ferry.py", folder)
    assert run_tests(folder, LESSON / "examples" / "ferry_tests.py") == (5, 0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_only_one_of_two_routes_says_what_it_does() -> None:
    module = load_from("09_testing", "examples/told.py")
    paths = module.app.openapi()["paths"]
    silent, told = paths["/silent"]["post"], paths["/told"]["post"]
    assert set(silent["responses"]) == {"200", "422"}
    assert set(told["responses"]) == {"200", "403", "409", "422"}
    assert "description" not in silent and told["description"]
    assert "security" not in silent and told["security"]
    client = TestClient(module.app)
    for path in ("/silent", "/told"):
        for island, status in (("Juist", 200), ("Atlantis", 409)):
            answer = client.post(path, json={"island": island}, headers={"X-Ticket": "valid"})
            assert answer.status_code == status
        answer = client.post(path, json={"island": "Juist"}, headers={"X-Ticket": "old"})
        assert answer.status_code == 403
