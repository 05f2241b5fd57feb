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
    """The app in this process, its lifespan begun and ended around each test."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def llm() -> Iterator[respx.Route]:
    """The LLM's route; it answers with COMPLETION, and nothing else can be reached."""
    with respx.mock(assert_all_called=False) as network:
        network.route(host="127.0.0.1").pass_through()  # the server of the integration test
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


def heard_by(llm: respx.Route) -> dict[str, Any]:
    """The body of the only call that the LLM had."""
    assert llm.call_count == 1
    body: dict[str, Any] = json.loads(llm.calls.last.request.content)
    return body


def test_health_needs_no_token(client: TestClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_answer_is_what_the_llm_said(client: TestClient, llm: respx.Route) -> None:
    answer = client.post("/query", json=QUESTION, headers=ALICE)
    assert answer.status_code == 200
    said = {"response": "Blue light scatters most.", "model": "gpt-4-0613", "tokens_used": 42}
    assert answer.json() == said


def test_the_llm_hears_the_question_as_it_was_asked(client: TestClient, llm: respx.Route) -> None:
    asked = {"query": "Name 3 Rivers,\n please.", "model": "gpt-4o", "temperature": 1.5}
    client.post("/query", json=asked, headers=ALICE)
    heard = heard_by(llm)
    assert heard["messages"][-1] == {"role": "user", "content": asked["query"]}
    assert (heard["model"], heard["temperature"]) == ("gpt-4o", 1.5)
    assert llm.calls.last.request.headers["Authorization"] == "Bearer test-key"


@pytest.mark.parametrize(("token", "user"), [("alice-token", "alice"), ("bob-token", "bob")])
def test_the_llm_hears_who_asks(
    client: TestClient, llm: respx.Route, token: str, user: str
) -> None:
    client.post("/query", json=QUESTION, headers={"Authorization": f"Bearer {token}"})
    assert heard_by(llm)["user"] == user


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic alice-token"])
def test_a_stranger_is_sent_away(client: TestClient, llm: respx.Route, header: str | None) -> None:
    answer = client.post("/query", json=QUESTION, headers={"Authorization": header or ""})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert not llm.called


@pytest.mark.parametrize("wrong", [{"query": " \n"}, {"query": "a" * 8001}, {"temperature": 2.1}])
def test_a_bad_question_costs_nothing(
    client: TestClient, llm: respx.Route, wrong: dict[str, Any]
) -> None:
    assert client.post("/query", json=QUESTION | wrong, headers=ALICE).status_code == 422
    assert not llm.called


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (httpx.Response(500), 502),
        (httpx.Response(200, text="<html>"), 502),
        (httpx.ConnectError("refused"), 502),
        (httpx.ReadTimeout("silent"), 504),
        (httpx.Response(429), 503),
    ],
)
def test_each_failure_has_its_status(
    client: TestClient, llm: respx.Route, failure: Any, status: int
) -> None:
    llm.mock(side_effect=[failure])
    assert client.post("/query", json=QUESTION, headers=ALICE).status_code == status


def test_a_busy_llm_says_when_to_come_back(client: TestClient, llm: respx.Route) -> None:
    llm.respond(429, headers={"Retry-After": "7"})
    assert client.post("/query", json=QUESTION, headers=ALICE).headers["Retry-After"] == "7"


def test_what_the_llm_says_of_its_failure_stays_here(client: TestClient, llm: respx.Route) -> None:
    llm.respond(500, json={"error": {"message": "test-key is over its quota"}})
    answer = client.post("/query", json=QUESTION, headers=ALICE)
    assert "quota" not in answer.text and "test-key" not in answer.text


def test_the_app_answers_over_a_real_socket(server: str, llm: respx.Route) -> None:
    answer = httpx.post(f"{server}/query", json=QUESTION, headers=ALICE)
    assert (answer.status_code, answer.json()["tokens_used"]) == (200, 42)
