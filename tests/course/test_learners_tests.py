"""A learner's tests are run as they are, judged by what was raised, and trusted in nothing else."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.grading.app_process import ColdStarter
from course.grading.job import Job
from course.grading.learners_tests import LearnersTests
from course.grading.own_network import is_here, listeners
from course.grading.scene import Scene

SUITE = '"""A suite."""\n'
Make = Callable[..., LearnersTests]


@pytest.fixture
def learners(tmp_path: Path) -> Iterator[Make]:
    """Makes the tests of a folder with that test file."""
    begun: list[tuple[LearnersTests, Scene]] = []

    def make(source: str, limit: float = 40.0, **files: str) -> LearnersTests:
        folder = tmp_path / "lesson"
        folder.mkdir()
        suite = tmp_path / "test_suite.py"
        suite.write_text(SUITE)
        (folder / "app.py").write_text('app = "own"\n')
        (folder / "test_app.py").write_text(source)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        scene = Scene(Job(str(folder), str(suite), ""), ColdStarter(), lambda pid: None)
        tests = LearnersTests(scene, {"SEEN": "yes"}, limit)
        begun.append((tests, scene))
        return tests

    yield make
    for tests, scene in begun:
        tests.end()
        scene.end()
        scene.llm_listener.close()


def outcomes(tests: LearnersTests, app: str | None = None) -> dict[str, str]:
    return {name.partition("::")[2]: ended.outcome for name, ended in tests.on(app).tests.items()}


def test_each_test_has_the_outcome_that_it_really_had(learners: Make) -> None:
    tests = learners("""
import os, pytest, unittest
from app import app
@pytest.fixture
def broken(): raise KeyError("x")
def test_passes(): assert (app, os.environ["SEEN"]) == ("own", "yes")
def test_fails(): assert app == "other"
def test_errs(broken): pass
def test_skips(): pytest.skip("later")
@pytest.mark.xfail
def test_is_expected_to_fail(): assert False
@pytest.mark.xfail
def test_is_expected_to_fail_and_passes(): pass
class TestOld(unittest.TestCase):
    def test_sub(self):
        with self.subTest(): self.assertEqual(1, 2)
    @unittest.skip("no")
    def test_skips(self): pass
""")
    assert outcomes(tests) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_errs": "failed",
        "test_skips": "skipped",
        "test_is_expected_to_fail": "skipped",
        "test_is_expected_to_fail_and_passes": "skipped",
        "TestOld::test_sub": "failed",
        "TestOld::test_skips": "skipped",
    }
    run = tests.on()
    assert run.tests["test_app.py::test_fails"].message.startswith("test_app.py, line 7: ")
    assert run.problem == ""


def test_the_app_is_exchanged_and_the_folder_stays_as_it_is(learners: Make) -> None:
    tests = learners("""
from pathlib import Path
from app import app
def test_app():
    Path("left.txt").write_text("behind")
    assert app == "own"
""")
    assert outcomes(tests) == {"test_app": "passed"}
    assert outcomes(tests, 'app = "other"') == {"test_app": "failed"}
    assert not (tests._scene.folder / "left.txt").exists()


def test_no_run_finds_the_temporary_files_of_another_one(learners: Make) -> None:
    tests = learners("""
import os, tempfile
from pathlib import Path
def test_folder(tmp_path):
    folders = {os.environ[name] for name in ("TMPDIR", "TEMP", "TMP")}
    assert folders == {tempfile.gettempdir()} and tmp_path.is_relative_to(*folders)
def test_left():
    left = Path(tempfile.gettempdir(), "left.txt")
    assert not left.exists()
    left.write_text("behind")
""")
    for app in (None, 'app = "other"'):
        assert outcomes(tests, app) == {"test_folder": "passed", "test_left": "passed"}


def test_the_report_cannot_be_patched_by_a_conftest(learners: Make) -> None:
    conftest = """
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome = "passed"
    return report
"""
    tests = learners("def test_fails(): assert False\n", conftest=conftest)
    assert outcomes(tests) == {"test_fails": "failed"}


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import os\ndef test_a(): os._exit(0)\n", "test_a has no result: the process ended"),
        ("import pytest\ndef test_a(): pytest.exit('', 0)\n", "test_a has no result: pytest ended"),
        ("import sys\nsys.exit(0)\n", "No test was collected"),
        ("\nimport nowhere\n", "They cannot be collected: test_app.py, line 2: ModuleNotFound"),
        ("def test_a(:\n", "They cannot be collected: test_app.py, line 1: SyntaxError"),
        ("import pytest\npytest.skip(allow_module_level=True)\n", "No test was collected"),
        ("def check(): pass\n", "No test was collected from test_app.py."),
    ],
)
def test_what_ends_early_is_no_result(learners: Make, source: str, problem: str) -> None:
    assert learners(source).on().problem.startswith(problem)


def test_what_hangs_is_stopped(learners: Make) -> None:
    run = learners("import time\ndef test_a(): time.sleep(1000)\n", limit=4.0).on()
    assert run.too_slow and run.problem


def test_order_and_solitude(learners: Make) -> None:
    tests = learners("""
seen = []
def test_first(): seen.append(1)
def test_second(): assert seen
""")
    second = "test_app.py::test_second"
    assert tests.on().tests[second].outcome == "passed"
    for wanted in ({"order": "reversed"}, {"alone": True}):
        run = tests.on(**wanted)
        assert not run.problem
        assert run.tests[second].outcome == "failed"


def test_alone_works_where_the_file_has_begun_a_thread(learners: Make) -> None:
    tests = learners("""
import threading, time
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
seen = []
def test_first(): seen.append(1)
def test_second(): assert not seen
""")
    run = tests.on(alone=True)
    assert not run.problem
    assert [ended.outcome for ended in run.tests.values()] == ["passed", "passed"]


def test_a_run_that_has_shown_enough_is_not_waited_for(learners: Make) -> None:
    tests = learners("import time\ndef test_a(): assert False\ndef test_b(): time.sleep(1000)\n")
    run = tests.on('app = "wrong"', until=("test_app.py::test_a",))
    assert (run.problem, run.too_slow, list(run.tests)) == ("", False, ["test_app.py::test_a"])


def test_the_failure_of_another_test_ends_no_run(learners: Make) -> None:
    tests = learners("def test_a(): assert False\ndef test_b(): assert False\n")
    run = tests.on('app = "wrong"', until=("test_app.py::test_b",))
    assert run.names("failed") == ["test_app.py::test_a", "test_app.py::test_b"]


def test_no_run_is_told_what_it_is_for(learners: Make) -> None:
    tests = learners("""
import sys
def test_frames():
    frame = sys._getframe()
    while frame:
        told = [value for value in frame.f_locals.values() if isinstance(value, dict)]
        told += [getattr(value, "_wanted", {}) for value in frame.f_locals.values()]
        assert not any("until" in each for each in told)
        frame = frame.f_back
def test_plugins(request):
    for plugin in request.config.pluginmanager.get_plugins():
        assert "until" not in getattr(plugin, "_wanted", {})
def test_arguments(): assert "until" not in " ".join(sys.orig_argv)
def test_last(): assert False
""")
    run = tests.on('app = "wrong"', until=("test_app.py::test_last",))
    assert run.names("failed") == ["test_app.py::test_last"], run.tests


def test_only_servers_of_their_own_are_reached(learners: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        tests = learners(f"""
import pytest, socket
def test_name():
    with pytest.raises(OSError): socket.getaddrinfo("llm.test", 80)
def test_address():
    with socket.socket() as client, pytest.raises(OSError): client.connect(("192.0.2.1", 80))
def test_stranger():
    with socket.socket() as client, pytest.raises(OSError):
        client.connect(("127.0.0.1", {stranger.getsockname()[1]}))
def test_own():
    with socket.create_server(("localhost", 0)) as server:
        socket.create_connection(server.getsockname()).close()
def test_nobody():
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", 1))
""")
        run = tests.on()
    assert set(outcomes(tests).values()) == {"passed"}, run.tests
    where = [what.partition(", in ")[2] for what in run.connections]
    assert where == [f"test_app.py::test_{name}" for name in ("name", "address", "stranger")]


def test_a_port_of_their_own_choice_is_noticed(learners: Make) -> None:
    tests = learners("""
import socket
def test_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with socket.create_server(("127.0.0.1", port)): pass
""")
    assert tests.on().fixed_port


@pytest.mark.parametrize("host", ["", None, "localhost", b"127.0.0.1", "127.8.0.1", "::1", "::"])
def test_this_machine(host: object) -> None:
    assert is_here(host)


@pytest.mark.parametrize("host", ["llm.test", "10.0.0.1", "192.0.2.1", "2001:db8::1"])
def test_other_machines(host: object) -> None:
    assert not is_here(host)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="/proc is Linux's")
def test_a_listener_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in {port for port, _ in listeners()}
