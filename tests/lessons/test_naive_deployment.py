"""What lesson deployment says of its naive version and examples, on the tools of today."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from course.fake_llm import FakeLLM, Gate, Reply
from course.grading.deploying.ignored import keeps_out
from course.grading.deploying.reading import yaml_of
from course.grading.deploying.tools import actionlint, hadolint, kubernetes_schemas
from course.grading.processes import end_group, tied
from course.grading.services import claimed_port

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "lessons" / "10_deployment"
THUMBNAILS = LESSON / "examples" / "thumbnails"
UVICORN = (sys.executable, "-m", "uvicorn", "naive:app")


@pytest.fixture
def llm() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as server:
        yield server


@contextmanager
def started(command: Sequence[str], **settings: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that listens at a port of its own, PORT in its command, and that port."""
    port, claim = claimed_port()
    process = subprocess.Popen(
        tied([word.replace("PORT", str(port)) for word in command]),
        cwd=LESSON,
        env={**os.environ, **settings, "BAKERY_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not accepts(port) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield process, port
    finally:
        end_group(process.pid)
        process.communicate()
        claim.close()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_until_refused(port: int) -> bool:
    deadline = time.monotonic() + 10
    while accepts(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not accepts(port)


@contextmanager
def streaming(llm: FakeLLM, port: int, gate: Gate) -> Iterator[Iterator[str]]:
    """A stream of the naive app after its first event."""
    llm.script(Reply(chunks=("one", "two"), gate=gate))
    body = {"query": "Count."}
    url = f"http://127.0.0.1:{port}/stream"
    with httpx.stream("POST", url, json=body, timeout=30, trust_env=False) as answer:
        texts = answer.iter_text()
        assert "one" in next(texts)
        yield texts


def environment(llm: FakeLLM) -> dict[str, str]:
    return {"LLM_BASE_URL": llm.base_url, "LLM_API_KEY": "test-key"}


def test_a_shell_dies_alone(llm: FakeLLM) -> None:
    shell = shutil.which("dash") or "sh"
    line = f"cd . && {' '.join(UVICORN)} --port PORT"
    with started([shell, "-c", line], **environment(llm)) as (process, port):
        gate = Gate(1)
        with streaming(llm, port, gate) as texts:
            process.terminate()
            assert process.wait(10) == -signal.SIGTERM
            assert accepts(port)
            gate.open()
            assert "done" in "".join(texts)


def test_uvicorn_closes_its_door_and_waits_without_a_limit(llm: FakeLLM) -> None:
    with started([*UVICORN, "--port", "PORT"], **environment(llm)) as (process, port):
        gate = Gate(1)
        with streaming(llm, port, gate) as texts:
            process.terminate()
            assert wait_until_refused(port)
            time.sleep(1)
            assert process.poll() is None
            gate.open()
            assert "done" in "".join(texts)
        assert process.wait(10) == -signal.SIGTERM


def test_uvicorns_own_limit_breaks_the_stream_off(llm: FakeLLM) -> None:
    command = [*UVICORN, "--port", "PORT", "--timeout-graceful-shutdown", "1"]
    with (
        started(command, **environment(llm)) as (process, port),
        streaming(llm, port, Gate(1)) as texts,
    ):
        process.terminate()
        with pytest.raises(httpx.RemoteProtocolError):
            list(texts)


# the examples


def order(port: int, what: str) -> socket.socket:
    guest = socket.create_connection(("127.0.0.1", port), 10)
    guest.sendall(f"{what}\n".encode())
    return guest


def told(guest: socket.socket) -> str:
    with guest, guest.makefile() as lines:
        return lines.read()


def test_the_bakery_closes_in_good_order() -> None:
    command = [sys.executable, "examples/bakery.py"]
    with started(command, GOING_HOME_SECONDS="2") as (process, port):
        assert told(order(port, "roll")) == "open\nroll, enjoyed\n"
        process.terminate()
        late = told(order(port, "bun"))
        while late.startswith("open"):  # the signal is on its way
            late = told(order(port, "bun"))
        assert late == "closing soon\nbun, enjoyed\n"
        last = order(port, "coffee")
        assert told(last) == "closing soon\ncoffee, enjoyed\n"
        assert process.wait(20) == 0
        assert not accepts(port)


@pytest.mark.parametrize("degrees", ["cold", "-1", "1000"])
def test_the_oven_says_in_one_line_what_is_wrong(degrees: str) -> None:
    command = [sys.executable, str(LESSON / "examples" / "oven.py")]
    settings = {**os.environ, "OVEN_DEGREES": degrees}
    ended = subprocess.run(command, env=settings, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr == "OVEN_DEGREES is no temperature between 100 and 300.\n"


def test_the_oven_heats() -> None:
    command = [sys.executable, str(LESSON / "examples" / "oven.py")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stdout == "Heating to 220.\n"


def test_the_tools_have_nothing_against_the_thumbnails(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.write_bytes((THUMBNAILS / "workflow.yml").read_bytes())
    assert hadolint()(THUMBNAILS / "Dockerfile") == []
    assert actionlint()(workflow) == []
    assert kubernetes_schemas()(yaml_of(THUMBNAILS, "pod.yaml")[0]) == ""


def test_the_builder_of_thumbnails_sees_two_files() -> None:
    rules = (THUMBNAILS / ".dockerignore").read_text("utf-8")
    seen = ["go.mod", "main.go", ".env", ".git/config", "README.md"]
    assert [path for path in seen if not keeps_out(rules, path)] == ["go.mod", "main.go"]


# the solution


def test_the_pipelines_own_tests_pass() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "test_app.py"]
    folder = ROOT / "solutions" / "10_deployment"
    options = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, **options},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout


def test_the_image_has_the_packages_that_the_course_has() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = (ROOT / "solutions/10_deployment/requirements.txt").read_text("utf-8").splitlines()
    assert [pin for pin in pins[1:] if f"\n{pin} \\\n" not in lock] == []
