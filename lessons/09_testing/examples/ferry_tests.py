"""Tests of the ferry: the harbour's part is played by respx."""

import socket
from collections.abc import Iterator
from threading import Thread

import httpx
import pytest
import respx
import uvicorn
from fastapi.testclient import TestClient
from ferry import app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def tide() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as network:
        network.route(host="127.0.0.1").pass_through()
        yield network.get("http://harbour.test/tide")


@pytest.mark.parametrize(("metres", "ferry"), [(1.9, "waits"), (2.1, "leaves")])
def test_the_ferry_waits_for_the_tide(
    client: TestClient, tide: respx.Route, metres: float, ferry: str
) -> None:
    tide.respond(json={"metres": metres})
    assert client.get("/ferry/juist").json() == {"island": "juist", "ferry": ferry}


def test_the_harbour_is_asked_about_the_island(client: TestClient, tide: respx.Route) -> None:
    tide.respond(json={"metres": 3})
    client.get("/ferry/juist")
    assert tide.calls.last.request.url.params["at"] == "juist"


def test_a_silent_harbour_is_504(client: TestClient, tide: respx.Route) -> None:
    tide.mock(side_effect=httpx.ReadTimeout)
    assert client.get("/ferry/juist").status_code == 504


@pytest.fixture
def server() -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_ferry_is_there_for_real_callers(server: str, tide: respx.Route) -> None:
    tide.respond(json={"metres": 3})
    assert httpx.get(f"{server}/ferry/juist").json()["ferry"] == "leaves"
