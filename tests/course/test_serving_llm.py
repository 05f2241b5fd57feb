"""`course llm`: the fake LLM alone, with a line for each call."""

import re
import subprocess
import sys

import httpx
import pytest
from served_process import LIMIT, served

from course.fake_llm import Call, FakeLLM, Gate, Reply
from course.serving import Refused
from course.serving.llm import Pace, ledger_line, paced_llm, shown_prompt
from course.serving.ports import listen

CHAT = {"model": "gpt-4", "messages": [{"role": "user", "content": "hello there"}]}
AT_ONCE = ("--port", "0", "--delay", "0", "--chunk-delay", "0")


def course(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)


def test_it_answers_and_says_what_it_did_until_ctrl_c() -> None:
    with served("llm", *AT_ONCE) as running:
        url = running.url
        assert f"export LLM_BASE_URL={url} LLM_API_KEY=any-key\n" in running.output
        answer = httpx.post(f"{url}/chat/completions", json=CHAT, trust_env=False)
        assert answer.status_code == 200
        running.wait_for('LLM  POST /chat/completions "hello there" answered 200 with ')
        assert running.stop() == 0
        assert running.output.endswith("\nThe LLM has ended.\n")


def test_the_curl_line_that_it_prints_works() -> None:
    with served("llm", *AT_ONCE) as running:
        assert running.url
        line = re.search(r"curl (\S+) -H '([^:]+): ([^']+)' -d '(.+)'\n", running.output)
        assert line is not None, running.output
        url, name, value, body = line.groups()
        answer = httpx.post(url, content=body, headers={name: value}, trust_env=False)
        assert answer.json()["choices"][0]["message"]["content"]


def test_it_fails_when_told_to() -> None:
    with served("llm", *AT_ONCE, "--fail", "503/2", "--fail", "429/3") as running:
        url = f"{running.url}/chat/completions"
        statuses = [httpx.post(url, json=CHAT, trust_env=False).status_code for _ in range(4)]
        assert statuses == [200, 503, 429, 503]
        running.wait_for("answered 503, ", times=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("local",), "a local LLM is not part of this version"),
        (("gpt",), "there is no LLM called 'gpt'"),
        (("--fail", "often"), "'often' is no failure"),
    ],
)
def test_what_it_cannot_be_is_refused_in_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    ended = course("llm", *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"course: {sentence}")


def test_local_is_not_in_the_help_until_it_exists() -> None:
    assert "local" not in course("llm", "--help").stdout.replace("localhost", "")


def test_a_taken_port_is_refused() -> None:
    with listen(0, 8001) as taken, pytest.raises(Refused, match="cannot be used"):
        paced_llm(Pace(), print, port=taken.getsockname()[1])


# The line of a call.


def line_of(llm: FakeLLM) -> str:
    return re.sub(r"\d+\.\d\d s$", "0.00 s", ledger_line(llm.requests[-1]))


def test_a_stream_that_its_client_left_says_how_far_it_came() -> None:
    gate = Gate(1)
    with FakeLLM() as llm:
        llm.always(Reply(chunks=("one", " two"), gate=gate))
        body = {**CHAT, "stream": True}
        url = f"{llm.base_url}/chat/completions"
        with httpx.stream("POST", url, json=body, trust_env=False) as stream:
            next(stream.iter_lines())
        assert llm.wait_for(lambda: llm.requests[-1].aborted)
        assert line_of(llm) == (
            'LLM  POST /chat/completions "hello there" stream, '
            "the client left after 1 token, 0.00 s"
        )


def test_a_request_that_is_no_call_has_no_prompt_and_no_tokens() -> None:
    with FakeLLM() as llm:
        httpx.get(f"{llm.base_url}/models", trust_env=False)
        assert line_of(llm) == "LLM  GET /models answered 200, 0.00 s"


def test_a_prompt_is_one_safe_line() -> None:
    assert shown_prompt("two\nlines\tand \x1b[2J") == "two lines and \\x1b[2J"
    assert shown_prompt("x" * 100) == "x" * 44 + " ..."


def test_a_path_is_a_safe_line() -> None:
    call = Call(1, "GET", "/\x1b[2J", {}, None, "", False, 1, 0, False)
    assert "\x1b" not in ledger_line(call)
