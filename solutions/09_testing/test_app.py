"""What POST /query promises, tested without the LLM: respx answers in its place."""

import json
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest
import respx
import uvicorn
from fastapi.testclient import TestClient

from app import app

LLM_URL = "http://llm.test/v1/chat/completions"
ALICE = {"Authorization": "Bearer alice-token"}
QUESTION = {"query": "Why is the sky blue?"}
COMPLETION = {
    "model": "gpt-4-0613",
    "choices": [{"message": {"role": "assistant", "content": "Blue light scatters most."}}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 31, "total_tokens": 42},
}


@pytest.fixture
def client() -> Iterator[TestClient]:
    """The app in this process; its lifespan begins and ends with each test."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def llm() -> Iterator[respx.Route]:
    """The LLM's only route. It answers with COMPLETION, and nothing else can be reached."""
    with respx.mock(assert_all_called=False) as network:
        network.route(host="127.0.0.1").pass_through()  # to the server below
        yield network.post(LLM_URL).respond(json=COMPLETION)


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of the app behind a real socket, served by a thread of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def ask(client: TestClient, **changes: Any) -> Any:
    """The answer to Alice. `changes` are fields of the question."""
    return client.post("/query", json=QUESTION | changes, headers=ALICE)


def test_health_needs_no_token(client: TestClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_answer_is_what_the_llm_said(client: TestClient, llm: respx.Route) -> None:
    answer = ask(client)
    said = {"response": "Blue light scatters most.", "model": "gpt-4-0613", "tokens_used": 42}
    assert (answer.status_code, answer.json()) == (200, said)


def test_the_llm_hears_what_was_asked(client: TestClient, llm: respx.Route) -> None:
    asked = {"query": "Name 3 Rivers,\n please.", "model": "gpt-4o", "temperature": 1.5}
    ask(client, **asked)
    heard = json.loads(llm.calls.last.request.content)
    assert heard["messages"][-1] == {"role": "user", "content": asked["query"]}
    assert (heard["model"], heard["temperature"]) == ("gpt-4o", 1.5)


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_the_llm_hears_who_asks(client: TestClient, llm: respx.Route, user: str) -> None:
    client.post("/query", json=QUESTION, headers={"Authorization": f"Bearer {user}-token"})
    assert json.loads(llm.calls.last.request.content)["user"] == user
    assert llm.calls.last.request.headers["Authorization"] == "Bearer test-key"


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", "Basic alice-token"])
def test_a_stranger_is_sent_away(client: TestClient, llm: respx.Route, header: str) -> None:
    answer = client.post("/query", json=QUESTION, headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert not llm.called


@pytest.mark.parametrize("wrong", [{"query": " \n"}, {"query": "a" * 8001}, {"temperature": 2.1}])
def test_a_bad_question_costs_nothing(
    client: TestClient, llm: respx.Route, wrong: dict[str, Any]
) -> None:
    assert ask(client, **wrong).status_code == 422
    assert not llm.called


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.ConnectError("refused")])
def test_a_failing_llm_is_502(client: TestClient, llm: respx.Route, failure: Any) -> None:
    llm.mock(side_effect=[failure])
    assert ask(client).status_code == 502


def test_a_slow_llm_is_504(client: TestClient, llm: respx.Route) -> None:
    llm.mock(side_effect=httpx.ReadTimeout)
    assert ask(client).status_code == 504


def test_a_busy_llm_is_503_and_says_until_when(client: TestClient, llm: respx.Route) -> None:
    llm.respond(429, headers={"Retry-After": "7"})
    answer = ask(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_what_the_llm_says_of_its_failure_stays_here(client: TestClient, llm: respx.Route) -> None:
    llm.respond(500, json={"error": {"message": "test-key is over its quota"}})
    assert "quota" not in ask(client).text


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert (answer.status_code, answer.json()["tokens_used"]) == (200, 42)
