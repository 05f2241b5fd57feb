"""The fake LLM as a product of its own: starting, stopping, failing on demand, and its page."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from fake_llm_client import ask, chat, client_of

import course.fake_llm
from course.fake_llm import FakeLLM, Gate, Limits, Reply, failing

PAGE = Path(course.fake_llm.__file__).parent / "README.md"


# Starting and stopping.


def test_starting_and_stopping_twice_is_as_good_as_once() -> None:
    llm = FakeLLM()
    assert llm.start() is llm
    assert llm.start() is llm
    assert ask(llm).status_code == 200
    llm.stop()
    llm.stop()
    assert "fake-llm" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(httpx.ConnectError):
        ask(llm)


def test_started_again_it_has_the_same_address_and_ledger() -> None:
    llm = FakeLLM()
    with llm:
        url = llm.base_url
        ask(llm)
    with llm:
        assert llm.base_url == url
        assert ask(llm).status_code == 200
    assert len(llm.calls) == 2


def test_stopping_hangs_up_on_everyone() -> None:
    gate = Gate()
    with FakeLLM() as llm, client_of(llm) as idle, client_of(llm) as busy:
        idle.post("/chat/completions", json=chat())
        llm.always(Reply(gate=gate))
        errors = []

        def call() -> None:
            with pytest.raises(httpx.RemoteProtocolError) as caught:
                busy.post("/chat/completions", json=chat())
            errors.append(caught.value)

        caller = threading.Thread(target=call)
        caller.start()
        assert gate.wait_for_waiting(1)
        llm.stop()
        caller.join()
        assert len(errors) == 1
        assert llm.calls[-1].outcome == "hung_up"
        assert llm.open_connections == 0


def test_a_server_that_does_not_run_can_be_scripted_and_reset() -> None:
    llm = FakeLLM()
    llm.script(Reply("lost"))
    llm.reset()
    llm.script(Reply("found"))
    with llm:
        assert "found" in ask(llm).text


def test_an_address_is_known_once_there_is_a_port() -> None:
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = FakeLLM().base_url
    assert FakeLLM(port=8080).base_url == "http://127.0.0.1:8080/v1"
    assert FakeLLM(host="0.0.0.0", port=80).base_url == "http://127.0.0.1:80/v1"
    assert FakeLLM(host="::1", port=80).base_url == "http://[::1]:80/v1"


def test_a_port_in_use_is_an_error_at_the_start() -> None:
    with FakeLLM() as llm, pytest.raises(OSError, match="in use"):
        FakeLLM(port=int(llm.base_url.split(":")[-1].removesuffix("/v1"))).start()


def test_a_socket_made_elsewhere_can_be_its_listener() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with FakeLLM(listener=listener) as llm:
        assert llm.base_url == f"http://127.0.0.1:{port}/v1"
        assert ask(llm, stream=True).status_code == 200
    assert listener.fileno() == -1


def test_two_servers_do_not_know_each_other() -> None:
    with FakeLLM() as one, FakeLLM() as other:
        one.script(Reply("only from the first"))
        assert "only from the first" not in ask(other).text
        assert (len(one.calls), len(other.calls)) == (0, 1)


def test_it_leaves_no_sockets_and_no_threads_behind() -> None:
    script = """
import gc, threading
from course.fake_llm import FakeLLM, Reply
import http.client
for _ in range(3):
    with FakeLLM() as llm:
        llm.always(Reply(silent_after=0))
        host = llm.base_url.split("/")[2]
        connection = http.client.HTTPConnection(host)
        body = '{"model": "m", "messages": [{"role": "user"}]}'
        connection.request("POST", "/v1/chat/completions", body=body)
        assert llm.wait_for_calls(1)
    connection.close()
gc.collect()
assert threading.active_count() == 1
"""
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(PAGE.parents[2])},
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_it_imports_only_the_standard_library_and_h11() -> None:
    script = """
import sys
before = set(sys.modules)
import course.fake_llm
names = {name.partition(".")[0] for name in set(sys.modules) - before}
assert names - set(sys.stdlib_module_names) == {"course", "h11"}, names
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(PAGE.parents[2])},
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_new_nonce_is_made_unless_one_is_given() -> None:
    assert FakeLLM().nonce != FakeLLM().nonce
    llm = FakeLLM(nonce="")
    answer = llm.answer_to("What is a token?")
    assert answer.startswith('You asked: "What is a token?"')
    llm.reset()
    assert llm.answer_to("What is a token?") == answer


# Failing on demand.


def statuses(llm: FakeLLM, calls: int) -> list[int | str]:
    """The status of each call, or what became of it without one."""
    seen: list[int | str] = []
    with client_of(llm) as client:
        for _ in range(calls):
            try:
                answer = client.post("/chat/completions", json=chat(stream=True), timeout=0.2)
                seen.append(answer.status_code)
            except httpx.ReadTimeout:
                seen.append("timeout")
            except httpx.RemoteProtocolError:
                seen.append("hang-up")
    return seen


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [200, 200, 200]),
        (["503"], [503, 503, 503]),
        (["503/3"], [200, 200, 503, 200, 200, 503]),
        (["429/2", "500/3"], [200, 429, 500, 429, 200, 429]),
        (["timeout/2"], [200, "timeout", 200]),
        (["hang-up/2"], [200, "hang-up", 200]),
    ],
)
def test_failures_are_said_in_a_word(words: list[str], expected: list[int | str]) -> None:
    with FakeLLM() as llm:
        llm.behave(failing(words))
        assert statuses(llm, len(expected)) == expected


def test_a_hang_up_comes_after_three_chunks() -> None:
    with FakeLLM() as llm:
        llm.behave(failing(["hang-up"]))
        statuses(llm, 1)
        assert llm.calls[0].chunks_sent == 3


def test_failing_leaves_models_alone_and_says_when_to_come_back() -> None:
    with FakeLLM() as llm, client_of(llm) as client:
        llm.behave(failing(["429"]))
        assert client.get("/models").status_code == 200
        assert ask(llm).headers["retry-after"] == "1"


def test_what_does_not_fail_can_be_answered_otherwise() -> None:
    with FakeLLM() as llm:
        llm.behave(failing(["500/2"], otherwise=Reply("slow", delay=0.001)))
        assert "slow" in ask(llm).text
        assert ask(llm).status_code == 500


@pytest.mark.parametrize(
    "word", ["", "200", "600", "503/0", "503/", "/3", "503/-1", "503/x", "hangup", "503/1.5", "٥03"]
)
def test_another_word_is_refused_with_a_sentence(word: str) -> None:
    with pytest.raises(ValueError, match=r"is no failure\. Write a status from 400 to 599"):
        failing([word])


# The page.


def blocks() -> list[str]:
    """The Python examples of the page."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_has_examples() -> None:
    assert len(blocks()) >= 4


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.splitlines()[0])
def test_every_example_on_the_page_runs(block: str, tmp_path: Path) -> None:
    if "def test_" in block:
        (tmp_path / "test_example.py").write_text(block, encoding="utf-8")
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    else:
        (tmp_path / "example.py").write_text(block, encoding="utf-8")
        command = ["example.py"]
    run = subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(PAGE.parents[2]), "NO_PROXY": "*"},
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", [*course.fake_llm.__all__, *Reply.__dataclass_fields__])
def test_the_page_names_everything_public(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("field", Limits.__dataclass_fields__)
def test_the_page_names_every_limit_with_its_default(field: str) -> None:
    default = getattr(Limits(), field)
    assert re.search(rf"`{field}` \| {default:,} ", PAGE.read_text(encoding="utf-8"))
