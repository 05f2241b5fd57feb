"""`course serve`: app and LLM side by side, told what happens, ended together."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served_process import LIMIT, Served, served

from course.catalog import Lesson
from course.checking import Target
from course.fake_llm import FakeLLM, Gate, Reply
from course.serving.ports import listen
from course.serving.serve import Upstream, environment_of, place_to_run

ANY_PORT = ("--port", "0", "--delay", "0", "--chunk-delay", "0")
SMALL = """\
import os
from fastapi import FastAPI

app = FastAPI()
print("imported", flush=True)


@app.get("/word")
async def word() -> str:
    return "first"


@app.get("/end")
async def end() -> None:
    os._exit(7)
"""
UPSTREAM = Upstream("http://127.0.0.1:1/v1", "key", "fake")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(SMALL)
    return tmp_path


def course(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)


def asks(running: Served, *arguments: str) -> subprocess.CompletedProcess[str]:
    return course("query", "--url", running.url, *arguments)


def test_it_says_where_everything_is_and_how_to_try_it() -> None:
    with served("serve", "streaming", "--solution", *ANY_PORT) as running:
        url = running.url
        assert running.output.startswith("streaming · solution\n")
        assert f"docs  {url}/docs" in running.output
        assert f'course query "Why is the sky blue?" --stream --url {url}\n' in running.output
        assert httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}
        assert running.stop() == 0


def test_a_question_reaches_the_llm_and_both_say_so() -> None:
    with served("serve", "basic", "--solution", *ANY_PORT) as running:
        answered = asks(running, "hello there")
        assert answered.returncode == 0, answered.stdout + answered.stderr
        running.wait_for("app  POST /query HTTP/1.1 -> 200 OK")
        running.wait_for("LLM  POST /chat/completions")
        assert re.search(
            r'completions "hello there" answered 200 with an answer of \d+ tokens, ', running.output
        )


def test_equal_questions_get_equal_answers_in_every_run() -> None:
    answers = set()
    for _ in range(2):
        with served("serve", "basic", "--solution", *ANY_PORT) as running:
            body = {"query": "hello"}
            answer = httpx.post(f"{running.url}/query", json=body, trust_env=False)
            answers.add(answer.json()["response"])
    assert len(answers) == 1


def test_an_llm_of_ones_own_is_asked_with_ones_own_key() -> None:
    with FakeLLM(api_key="my-key") as llm:
        options = ("--llm", llm.base_url, "--port", "0")
        with served("serve", "basic", "--solution", *options, LLM_API_KEY="my-key") as running:
            assert asks(running, "hello").returncode == 0
            assert len(llm.calls) == 1
            assert "my-key" not in running.output


def test_a_proxy_of_the_shell_is_not_asked_for_loopback() -> None:
    proxies = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}
    with served("serve", "basic", "--solution", *ANY_PORT, **proxies) as running:
        assert asks(running, "hello").returncode == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order_although_a_stream_is_open(how: int) -> None:
    gate = Gate(1)
    with FakeLLM() as llm:
        llm.always(Reply(chunks=("one", "two"), gate=gate))
        options = ("--llm", llm.base_url, "--port", "0")
        with (
            served("serve", "streaming", "--solution", *options) as running,
            httpx.Client(trust_env=False) as client,
            client.stream("POST", f"{running.url}/stream", json={"query": "hi"}) as stream,
        ):
            assert next(stream.iter_lines()) == 'data: {"text": "one"}'
            assert running.stop(how) == 0
            assert "Traceback" not in running.output
            assert running.output.endswith("The app has ended.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_once_it_leaves_no_app_behind(folder: Path, workers: str) -> None:
    with served(
        "serve", "basic", "--path", str(folder), *ANY_PORT, "--workers", workers
    ) as running:
        assert running.url
        os.kill(running.process.pid, signal.SIGKILL)
        running.wait_until_silent()


def test_it_ends_when_nobody_reads_its_output() -> None:
    command = [sys.executable, "-m", "course", "serve", "basic", "--solution", *ANY_PORT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert b"Traceback" not in complaint


def test_an_app_that_cannot_be_imported_is_shown_with_the_learners_own_line(folder: Path) -> None:
    (folder / "app.py").write_text("import json\n\nsettings = json.loads('{')\n")
    ended = course("serve", "basic", "--path", str(folder), *ANY_PORT)
    assert ended.returncode == 1
    said = ended.stdout.partition("The app has ended by itself (exit code 3).\n")[2]
    assert said.startswith("  app.py, line 3: settings = json.loads('{')\n  json.decoder.JSON"), (
        ended.stdout
    )


def test_a_module_without_an_app_is_refused_in_a_sentence(folder: Path) -> None:
    (folder / "app.py").write_text("api = 1\n")
    ended = course("serve", "basic", "--path", str(folder), *ANY_PORT)
    assert ended.returncode == 1
    assert "The module app has nothing called `app` that can be served.\n" in ended.stdout
    assert "Traceback" not in ended.stdout


def test_an_app_that_ends_by_itself_ends_the_serving(folder: Path) -> None:
    with served("serve", "basic", "--path", str(folder), *ANY_PORT) as running:
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{running.url}/end", trust_env=False)
        assert running.process.wait(LIMIT) == 1
        running.wait_until_silent()
        assert running.output.endswith("The app has ended by itself (exit code 7).\n")


def test_reload_starts_the_app_anew_at_each_save(folder: Path) -> None:
    with served("serve", "basic", "--path", str(folder), *ANY_PORT, "--reload") as running:
        url = f"{running.url}/word"
        assert httpx.get(url, trust_env=False).json() == "first"
        (folder / "app.py").write_text("syntax error")
        running.wait_for("It starts anew when you save a change.")
        assert "app.py, line 1" in running.output
        (folder / "app.py").write_text(SMALL.replace("first", "second"))
        running.wait_for("The app runs again.")
        assert httpx.get(url, trust_env=False).json() == "second"
        assert running.stop() == 0


def test_workers_import_the_app_each_and_end_together(folder: Path) -> None:
    with served("serve", "basic", "--path", str(folder), *ANY_PORT, "--workers", "2") as running:
        running.wait_for("imported\n", times=2)
        assert httpx.get(f"{running.url}/word", trust_env=False).json() == "first"
        assert "(2 workers)" in running.output
        assert running.stop() == 0


def test_workers_that_cannot_start_are_not_started_again_and_again(folder: Path) -> None:
    (folder / "app.py").write_text("1 / 0\n")
    ended = course("serve", "basic", "--path", str(folder), *ANY_PORT, "--workers", "2")
    assert ended.returncode == 1
    assert "  ZeroDivisionError: division by zero\n" in ended.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--llm", "local"), "a local LLM is not part of this version"),
        (("--llm", "fkae"), "--llm is fake or a URL such as http://127.0.0.1:11434/v1, not 'fkae'"),
        (("--starter", "--solution"), "choose one of --starter, --solution and --path"),
        (("--path", "no-such-folder"), "there is no folder no-such-folder"),
        (("--path", "tests"), "there is no app.py in tests"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(
    options: tuple[str, ...], sentence: str
) -> None:
    ended = course("serve", "basic", *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"course: {sentence}")
    assert ended.stderr.count("\n") == 1


def test_a_port_that_was_asked_for_and_is_taken_is_refused_in_a_sentence() -> None:
    with listen(0, 8000) as taken:
        port = taken.getsockname()[1]
        ended = course("serve", "basic", "--solution", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"course: port {port} cannot be used (Address already in use)")


def test_without_a_port_the_next_free_one_is_taken() -> None:
    with listen(0, 8000) as taken:
        port = taken.getsockname()[1]
        with listen(None, port) as found:
            assert port < found.getsockname()[1] < port + 100


def test_a_connection_is_made_without_nagles_delay() -> None:
    with listen(0, 8000) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def lesson(**environment: str) -> Lesson:
    return Lesson("hello", "01_hello", "Hello", (), serve_environment=environment)


def test_the_app_gets_the_lessons_settings_unless_the_shell_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "3/minute")
    monkeypatch.setenv("LLM_BASE_URL", "http://elsewhere.test/v1")
    made = environment_of(lesson(RATE_LIMIT="10/minute", API_KEYS="{}"), UPSTREAM)
    assert (made["RATE_LIMIT"], made["API_KEYS"]) == ("3/minute", "{}")
    assert (made["LLM_BASE_URL"], made["LLM_API_KEY"]) == ("http://127.0.0.1:1/v1", "key")


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_hosts_that_bypass_the_proxy_still_do(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, "intern.test")
    made = environment_of(lesson(), UPSTREAM)
    assert made["NO_PROXY"] == "intern.test,127.0.0.1,localhost"
    assert "no_proxy" not in made


def test_the_courses_own_apps_write_into_a_folder_that_goes_away(tmp_path: Path) -> None:
    with place_to_run(Target(lesson(), tmp_path, "solution")) as place:
        (place / "usage.db").write_text("rows")
    assert list(tmp_path.iterdir()) == []
    assert not place.exists()


def test_a_learners_app_runs_in_its_own_folder(tmp_path: Path) -> None:
    with place_to_run(Target(lesson(), tmp_path, "work")) as place:
        assert place == tmp_path
