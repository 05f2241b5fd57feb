"""What lesson auth says of its naive version and examples, on the libraries of today."""

import importlib.util
import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
import redis
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from limits.storage import memory
from slowapi import Limiter
from slowapi.util import get_remote_address

from course.fake_llm import FakeLLM

LESSON = Path(__file__).parents[2] / "lessons" / "04_auth"


def load(name: str) -> ModuleType:
    """A module of the lesson, by its path; each time a new one, as in another process."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, LESSON / name)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def browser(name: str) -> TestClient:
    """A client of the module's app that sees a 500 instead of the exception."""
    return TestClient(load(name).app, raise_server_exceptions=False)


@pytest.fixture
def llm(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as server:
        monkeypatch.setenv("LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("LLM_API_KEY", "test-key")
        monkeypatch.setenv("API_KEYS", json.dumps({"ada-laptop": "ada", "ben-laptop": "ben"}))
        yield server


@pytest.fixture
def naive(llm: FakeLLM) -> TestClient:
    return browser("naive.py")


def ask(client: TestClient, token: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {token}".encode()}
    return client.post("/query", json={"query": "x"}, headers=sent)


# the naive version


def test_after_adas_ten_calls_bens_first_is_refused_and_nobody_says_until_when(
    naive: TestClient,
) -> None:
    assert [ask(naive, "ada-laptop").status_code for _ in range(10)] == [200] * 10
    refused = ask(naive, "ben-laptop")
    assert refused.status_code == 429
    assert not {"retry-after", "x-ratelimit-limit"} & set(refused.headers)


def test_after_a_strangers_ten_guesses_adas_first_call_is_refused(naive: TestClient) -> None:
    assert [ask(naive, f"guess-{n}").status_code for n in range(10)] == [401] * 10
    assert ask(naive, "ada-laptop").status_code == 429


def test_a_token_that_is_not_ascii_is_500(naive: TestClient) -> None:
    assert ask(naive, "é").status_code == 500
    with pytest.raises(TypeError, match="comparing strings with non-ASCII characters"):
        secrets.compare_digest("ada-laptop", "é")


def test_without_api_keys_the_token_in_the_code_opens_the_door(
    llm: FakeLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_KEYS")
    assert ask(browser("naive.py"), "secret").status_code == 200


def test_a_wrong_token_is_401_and_nothing_says_what_would_do(naive: TestClient) -> None:
    refused = ask(naive, "wrong")
    assert (refused.status_code, refused.headers.get("WWW-Authenticate")) == (401, None)


def test_a_missing_token_is_401_by_httpbearer_itself(naive: TestClient) -> None:
    refused = naive.post("/query", json={"query": "x"})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_two_processes_have_ten_calls_each(naive: TestClient) -> None:
    clients = [naive, browser("naive.py")]
    got = [ask(client, "ada-laptop").status_code for client in clients for _ in range(11)]
    assert got.count(200) == 20


def test_the_llm_does_not_hear_of_the_user(naive: TestClient, llm: FakeLLM) -> None:
    ask(naive, "ada-laptop")
    assert set(llm.calls[0].body) == {"model", "messages"}


@pytest.mark.parametrize(("strategy", "passed"), [("fixed-window", 19), ("moving-window", 10)])
def test_how_many_get_through_around_the_end_of_a_minute(
    strategy: str, passed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0, time=lambda: clock.now)
    monkeypatch.setattr(memory, "time", clock)
    noon = 1_800_000_000
    set_clock = lambda second: setattr(clock, "now", noon + second)  # noqa: E731
    assert load("examples/windows.py").let_through(strategy, set_clock) == passed


# limits that limit nothing


@pytest.mark.parametrize("door", ["front-door", "back-door", "garage"])
def test_a_doorbell_without_a_limit_says_nothing_of_it(
    door: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rings = browser("examples/unlimited.py")
    assert [rings.post(f"/{door}").status_code for _ in range(6)] == [200] * 6
    assert capfd.readouterr() == ("", "")


def app_with(limiter: Limiter, ran: list[int] | None = None) -> TestClient:
    """A route with that limiter and "2/minute"."""
    app = FastAPI()

    @app.get("/{number}")
    @limiter.limit("2/minute")
    async def route(request: Request, response: Response) -> str:
        if ran is not None:
            ran.append(1)
        return "done"

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(("style", "status"), [("url", 200), ("endpoint", 429)])
def test_an_id_in_the_path_is_a_budget_of_its_own_unless_endpoints_are_counted(
    style: Any, status: int
) -> None:
    client = app_with(Limiter(get_remote_address, key_style=style))
    assert [client.get(f"/{n}").status_code for n in range(3)] == [200, 200, status]


def test_a_parameter_called_request_must_be_one() -> None:
    app, limiter = FastAPI(), Limiter(get_remote_address)

    @app.get("/")
    @limiter.limit("2/minute")
    async def route(request: str = "") -> str:
        return "done"

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500


def test_headers_without_a_response_are_500_when_the_work_is_done() -> None:
    app, limiter, ran = FastAPI(), Limiter(get_remote_address, headers_enabled=True), list[int]()

    @app.get("/")
    @limiter.limit("2/minute")
    async def route(request: Request) -> str:
        ran.append(1)
        return "done"

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    assert ran


# the right way, on other things


def test_each_family_has_two_rings_and_hears_when_the_next_is() -> None:
    door = browser("examples/doorbell.py")
    got = [door.post("/bell", headers={"X-Family": "Meier"}) for _ in range(3)]
    assert [answer.status_code for answer in got] == [200, 200, 429]
    assert got[2].json() == {"error": "Rate limit exceeded: 2 per 1 minute"}
    assert 1 <= int(got[2].headers["Retry-After"]) <= 60
    assert float(got[2].headers["X-RateLimit-Reset"]) > 1_500_000_000
    assert [answer.headers["X-RateLimit-Remaining"] for answer in got] == ["1", "0", "0"]
    assert door.post("/bell", headers={"X-Family": "Schmidt"}).status_code == 200


def test_only_wrong_tickets_are_counted() -> None:
    cloakroom = browser("examples/cloakroom.py")
    got = [cloakroom.get(f"/coats/{ticket}").status_code for ticket in (1, 17, 2, 3, 4, 18)]
    assert got == [404, 200, 404, 404, 429, 200]


@pytest.mark.parametrize("text", ["", "many", "1", "-3"])
def test_a_lift_without_floors_does_not_start(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORS", text)
    with pytest.raises(SystemExit, match="FLOORS must be a whole number"):
        load("examples/floors.py")
    monkeypatch.setenv("FLOORS", "12")
    assert load("examples/floors.py").FLOORS == 12


# without Redis


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The URL of a Redis that refuses connections."""
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{bound_but_not_listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("options", "statuses", "times"),
    [
        ({}, [500, 500, 500], 0),
        ({"swallow_errors": True}, [500, 500, 500], 3),
        ({"in_memory_fallback_enabled": True}, [200, 200, 429], 2),
    ],
)
def test_what_slowapi_does_without_its_redis(
    nowhere: str, options: dict[str, Any], statuses: list[int], times: int
) -> None:
    ran = list[int]()
    client = app_with(Limiter(get_remote_address, storage_uri=nowhere, **options), ran)
    assert [client.get("/1").status_code for _ in range(3)] == statuses
    assert len(ran) == times


@pytest.mark.parametrize(("swallow", "status"), [(False, 500), (True, 200)])
def test_a_call_under_way_when_redis_goes_needs_both_options(
    swallow: bool, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = Limiter(
        get_remote_address,
        strategy="moving-window",
        headers_enabled=True,
        in_memory_fallback_enabled=True,
        swallow_errors=swallow,
    )

    def gone(*_: object) -> None:
        raise redis.ConnectionError("Connection refused")

    monkeypatch.setattr(limiter._storage, "get_moving_window", gone)  # asked for the headers
    assert app_with(limiter).get("/1").status_code == status
