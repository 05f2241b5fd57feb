"""What lesson cache says of its naive version and examples, on the libraries of today."""

import asyncio
import importlib.util
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from fastapi.testclient import TestClient
from redis.asyncio import Redis

from course.fake_llm import FakeLLM, Gate, Reply

LESSON = Path(__file__).parents[2] / "lessons" / "05_cache"


def load(name: str) -> ModuleType:
    """A module of the lesson, by its path; each time a new one, as in a new process."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, LESSON / name)
    assert spec
    assert spec.loader
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
        yield server


@pytest.fixture
def naive(llm: FakeLLM) -> TestClient:
    return browser("naive.py")


def test_the_same_question_three_times_is_one_call(naive: TestClient, llm: FakeLLM) -> None:
    answers = [naive.post("/query", json={"query": "Why?"}).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(llm.calls) == 1


def test_another_model_or_temperature_gets_the_first_answer(
    naive: TestClient, llm: FakeLLM
) -> None:
    first = naive.post("/query", json={"query": "Why?", "model": "tiny-1"}).json()
    for other in ({"model": "tiny-2"}, {"temperature": 0}):
        assert naive.post("/query", json={"query": "Why?"} | other).json() == first
    assert (first["model"], len(llm.calls)) == ("tiny-1", 1)


def test_another_customer_gets_what_the_first_was_told(naive: TestClient, llm: FakeLLM) -> None:
    body = {"query": "Name our largest customer."}
    acme, bolt = (
        naive.post("/query", json=body, headers={"X-Tenant-ID": tenant}).json()
        for tenant in ("acme", "bolt")
    )
    assert acme == bolt
    assert len(llm.calls) == 1


def test_a_second_of_outage_is_500_for_ever(naive: TestClient, llm: FakeLLM) -> None:
    llm.script(Reply(status=503))
    statuses = [naive.post("/query", json={"query": "Why?"}).status_code for _ in range(3)]
    assert (statuses, len(llm.calls)) == ([500, 500, 500], 1)


def test_half_a_sentence_is_kept(naive: TestClient, llm: FakeLLM) -> None:
    llm.script(Reply(text="The Rhine, the Loi", finish_reason="length"))
    answers = [naive.post("/query", json={"query": "Rivers?"}).json() for _ in range(2)]
    assert [answer["response"] for answer in answers] == ["The Rhine, the Loi"] * 2


def test_twenty_at_once_are_twenty_calls(llm: FakeLLM) -> None:
    app = load("naive.py").app
    gate = Gate()
    llm.always(Reply(gate=gate))

    async def ask_at_once() -> list[httpx.Response]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://app"
        ) as c:
            asking = [
                asyncio.create_task(c.post("/query", json={"query": "Why?"})) for _ in range(20)
            ]
            assert await asyncio.to_thread(gate.wait_for_waiting, 20, 10)
            gate.open()
            return await asyncio.gather(*asking)

    assert {answer.status_code for answer in asyncio.run(ask_at_once())} == {200}
    assert len(llm.calls) == 20


def test_no_cache_is_not_heard(naive: TestClient, llm: FakeLLM) -> None:
    for _ in range(2):
        naive.post("/query", json={"query": "Why?"}, headers={"Cache-Control": "no-cache"})
    assert len(llm.calls) == 1


def test_nothing_ever_leaves(llm: FakeLLM) -> None:
    module = load("naive.py")
    with TestClient(module.app) as client:
        for number in range(50):
            client.post("/query", json={"query": f"What is {number}?"})
    assert len(module.known) == 50


def test_another_process_knows_nothing(llm: FakeLLM) -> None:
    for _ in range(2):
        browser("naive.py").post("/query", json={"query": "Why?"})
    assert len(llm.calls) == 2


def test_the_stand_in_runs_every_post_and_shares_a_get_with_everybody() -> None:
    module = load("examples/get_only.py")
    client = TestClient(module.app)
    shouts = [client.post("/shout", content="hello") for _ in range(3)]
    assert [shout.json() for shout in shouts] == ["HELLO"] * 3
    assert module.runs == ["POST"] * 3
    users = [client.get("/whoami", headers={"Authorization": name}) for name in ("ann", "bob")]
    assert [user.json() for user in users] == ["ann", "ann"]


def test_glued_names_run_into_each_other_and_listed_ones_do_not() -> None:
    names = load("examples/names.py")
    pictures = ("ann", "lee-cat", 80), ("ann-lee", "cat", 80)
    assert len({names.glued(*picture) for picture in pictures}) == 1
    assert len({names.listed(*picture) for picture in pictures}) == 2
    assert json.loads(names.listed('a"', "b", 1)) == ['a"', "b", 1]


def test_the_guest_who_was_absent_longest_gives_up_a_seat() -> None:
    latest = load("examples/guests.py").latest_guests
    assert latest(["Ann", "Bob", "Ann", "Eve"], 2) == ["Ann", "Eve"]


def reader(outcomes: list[float | Exception]) -> Callable[[], Awaitable[float]]:
    """Reads the outcomes one after another, each after the others have had their turn."""

    async def read() -> float:
        await asyncio.sleep(0.01)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return read


def test_all_who_ask_together_get_one_reading_or_one_failure() -> None:
    async def measure() -> list[float | BaseException]:
        outcomes: list[float | Exception] = [21.5, OSError("broken"), 22.0]
        thermometer = load("examples/thermometer.py").Thermometer(reader(outcomes))
        got: list[float | BaseException] = []
        for _ in range(3):
            together = [thermometer.temperature() for _ in range(3)]
            got += await asyncio.gather(*together, return_exceptions=True)
        return got

    got = asyncio.run(measure())
    assert got[:3] == [21.5] * 3
    assert [str(each) for each in got[3:6]] == ["broken"] * 3
    assert got[6:] == [22.0] * 3


def test_who_leaves_takes_nobody_along() -> None:
    async def measure() -> float:
        thermometer = load("examples/thermometer.py").Thermometer(reader([21.5]))
        leaving, staying = (asyncio.create_task(thermometer.temperature()) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return float(await staying)

    assert asyncio.run(measure()) == 21.5


def test_a_redis_is_gone_or_silent() -> None:
    greet = load("examples/greeting.py").greet
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}"
        assert asyncio.run(greet(url, 0.2)) == "silent"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert asyncio.run(greet(f"redis://127.0.0.1:{bound.getsockname()[1]}", 0.2)) == "gone"


def test_the_clients_defaults_are_those_of_the_page() -> None:
    connections = [
        client.connection_pool.make_connection()
        for client in (Redis(host="127.0.0.1"), Redis.from_url("redis://127.0.0.1"))
    ]
    told = [(one.socket_timeout, one.socket_connect_timeout) for one in connections]
    assert told == [(5, 5), (5, 5)]
    assert [one.retry.get_retries() for one in connections] == [10, 0]
