"""Tests that run the app as a process, too, with an LLM of their own behind it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
import respx
from fastapi.testclient import TestClient

import app as module

TOKENS = {"alice": "alice-token", "bob": "bob-token"}


class OwnLLM(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(said("from a process")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def said(text, total=5):
    message = {"role": "assistant", "content": text}
    return {"model": "m-1", "choices": [{"message": message}], "usage": {"total_tokens": total}}


@pytest.fixture(scope="session")
def process():
    """The app as its own process, as in production; it calls OwnLLM."""
    with ThreadingHTTPServer(("127.0.0.1", 0), OwnLLM) as llm:
        Thread(target=llm.serve_forever, args=(0.05,), daemon=True).start()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)],
            env=os.environ | {"LLM_BASE_URL": f"http://localhost:{llm.server_port}/v1"},
            stderr=subprocess.DEVNULL,
        )
        yield wait_for(f"http://localhost:{port}")
        server.terminate()
        server.wait()
        llm.shutdown()


def wait_for(url, within=30):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health") as answer:
                assert answer.status == 200
                return url
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(url)


@pytest.fixture
def post():
    with TestClient(module.app) as client:
        yield lambda body, token="alice-token": client.post(
            "/query", json=body, headers={"Authorization": f"Bearer {token}"} if token else None
        )


@pytest.fixture
def llm(respx_mock):
    respx_mock.post("http://llm.test/v1/chat/completions").respond(json=said("Yes.", 77))
    return respx_mock


def test_tokens_and_text(post, llm):
    answer = post({"query": "Is it?"}).json()
    assert answer["response"] == "Yes."
    assert answer["tokens_used"] == 77


class TestUpstream:
    """What the LLM hears."""

    @pytest.fixture(params=TOKENS)
    def heard(self, request, post, llm):
        post({"query": "Is it?", "temperature": 0.2}, TOKENS[request.param])
        body = json.loads(llm.calls[0].request.content)
        assert body["user"] == request.param
        return body

    def test_temperature(self, heard):
        assert heard["temperature"] == pytest.approx(0.2)

    def test_prompt(self, heard):
        assert [m["content"] for m in heard["messages"] if m["role"] == "user"] == ["Is it?"]


def test_who_may_not_ask(post):
    with respx.mock:
        assert post({"query": "Is it?"}, token=None).status_code == 401
        assert post({"query": "Is it?"}, token="carol-token").status_code == 401


@pytest.mark.parametrize("query", ["", " ", "y" * 8001, None, 5])
def test_what_may_not_be_asked(post, query):
    assert post({"query": query}).status_code == 422


@pytest.mark.parametrize(
    ("upstream", "status", "header"),
    [
        pytest.param(httpx.Response(500, text="oh NO-LEAK"), 502, None, id="broken"),
        pytest.param(httpx.RemoteProtocolError("gone"), 502, None, id="gone"),
        pytest.param(httpx.PoolTimeout("full"), 504, None, id="slow"),
        pytest.param(httpx.Response(429, headers={"Retry-After": "3"}), 503, "3", id="busy"),
    ],
)
def test_failures(post, upstream, status, header):
    with respx.mock(base_url="http://llm.test") as network:
        network.post(path__regex="completions$").mock(side_effect=[upstream])
        answer = post({"query": "Is it?"})
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == header
    assert "NO-LEAK" not in answer.text


def test_over_the_wire(process):
    request = urllib.request.Request(
        f"{process}/query",
        data=json.dumps({"query": "Who are you?"}).encode(),
        headers={"Authorization": "Bearer bob-token", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["response"] == "from a process"
