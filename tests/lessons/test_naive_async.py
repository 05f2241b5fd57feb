"""What lesson async says of its naive version and examples, on the libraries of today."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import ModuleType
from typing import Any

import anyio.to_thread
import httpx
import pytest
from fastapi.testclient import TestClient
from lesson_module import load_from

from course.fake_llm import FakeLLM, Gate, Reply

load = partial(load_from, "02_async")


@pytest.fixture
def naive(llm: FakeLLM) -> ModuleType:
    return load("naive.py")


@pytest.fixture
def url(naive: ModuleType, serve: Callable[[object], str]) -> str:
    """The naive app, served from a thread."""
    return serve(naive.app)


Post = Callable[[str, Any], Callable[[], httpx.Response]]


@pytest.fixture
def begin(url: str, llm: FakeLLM) -> Iterator[Post]:
    """Post from a thread; what is returned waits for the answer."""
    with ThreadPoolExecutor() as threads:

        def post(path: str, body: Any) -> Callable[[], httpx.Response]:
            return threads.submit(httpx.post, f"{url}{path}", json=body, timeout=20).result

        yield post
        llm.reset()


def batch(count: int) -> list[str]:
    return [f"question {number}" for number in range(count)]


def test_fifty_questions_are_fifty_calls_at_once(begin: Post, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    answer = begin("/batch-query", batch(50))
    assert llm.wait_for(lambda: llm.in_flight == 50, within=20.0)
    gate.open()
    assert answer().json() == [llm.answer_to(question) for question in batch(50)]


def test_the_pool_of_the_client_ends_it_at_a_hundred(begin: Post, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    answer = begin("/batch-query", batch(150))
    assert llm.wait_for(lambda: llm.in_flight == 100, within=60)
    gate.open()
    assert answer().status_code == 200
    assert (llm.peak_in_flight, len(llm.calls)) == (100, 150)


def test_who_waits_too_long_for_the_pool_takes_everybody_down(
    begin: Post, naive: ModuleType, llm: FakeLLM
) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    first = begin("/batch-query", batch(100))
    assert llm.wait_for(lambda: llm.in_flight == 100, within=60)
    naive.client.timeout = httpx.Timeout(30, pool=0.2)  # so that no test waits half a minute
    assert begin("/batch-query", batch(2))().status_code == 500
    assert begin("/batch-query", ["one question of somebody else"])().status_code == 500
    gate.open()
    assert first().status_code == 200


def test_one_failure_is_500_and_the_others_run_on(begin: Post, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    llm.when("question 0", Reply(status=500))
    answer = begin("/batch-query", batch(10))()
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert llm.wait_for(lambda: llm.in_flight == 9, within=20.0)
    gate.open()
    assert llm.wait_for(lambda: sum(call.tokens_sent > 0 for call in llm.calls) == 9, within=20.0)


@pytest.mark.parametrize("questions", [[], [" "]])
def test_nothing_is_a_good_batch(url: str, questions: list[str]) -> None:
    assert httpx.post(f"{url}/batch-query", json=questions).status_code == 200


def test_a_client_that_left_is_served_to_the_end(url: str, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/batch-query", json=batch(10), timeout=0.5)
    assert llm.wait_for(lambda: llm.in_flight == 10, within=20.0)
    gate.open()
    assert llm.wait_for(
        lambda: sum(call.outcome == "answered" for call in llm.calls) == 10, within=20.0
    )


def test_a_blocking_call_stops_health(url: str, begin: Post, llm: FakeLLM) -> None:
    gate = Gate()
    llm.always(Reply(gate=gate))
    answer = begin("/legacy-query", {"query": "question"})
    assert gate.wait_for_waiting(1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/health", timeout=0.5)
    gate.open()
    assert answer().json() == llm.answer_to("question")
    assert httpx.get(f"{url}/health").status_code == 200


def test_three_blocking_calls_follow_each_other(begin: Post, llm: FakeLLM) -> None:
    answers = [begin("/legacy-query", {"query": question}) for question in batch(3)]
    assert [answer().status_code for answer in answers] == [200, 200, 200]
    assert llm.peak_in_flight == 1


def test_gather_keeps_the_order_and_asks_first(llm: FakeLLM) -> None:
    together = load("examples/together.py")
    stations = ["Tromsø", "Bergen", "Oslo"]
    assert asyncio.run(together.report(stations)) == [f"{name}: 4 °C" for name in stations]
    assert together.log == [
        *(f"ask {name}" for name in stations),
        *(f"{name} answers" for name in reversed(stations)),
    ]


def test_two_lines_are_enough_and_come_back_after_a_failure() -> None:
    office = load("examples/telephone.py")

    async def morning() -> list[str | BaseException]:
        calls = (office.call(name) for name in ("Bergen", "Oslo", "Bergen", "Bergen", "Tromsø"))
        return await asyncio.gather(*calls, return_exceptions=True)

    heard = asyncio.run(morning())
    assert [news for news in heard if isinstance(news, str)] == ["Oslo: rain", "Tromsø: rain"]
    assert office.most_talking == 2


def test_trouble_is_an_outcome() -> None:
    outcomes = load("examples/outcomes.py")

    def measure(station: str) -> float:
        if station == "Bergen":
            raise ConnectionRefusedError("10.0.3.7 refused")
        return 4.0

    assert outcomes.reading_of("Oslo", measure) == outcomes.Reading("Oslo", celsius=4.0)
    assert outcomes.reading_of("Bergen", measure).trouble == "The station does not answer."


@pytest.mark.parametrize(
    ("tour", "status"),
    [
        (["OSL", "BGO"], 200),
        (["OSL"], 422),
        (["OSL", "BGO", "TOS", "OSL", "BGO"], 422),
        (["OSL", ""], 422),
        ("OSL", 422),
    ],
)
def test_a_list_and_its_items_have_rules(tour: object, status: int) -> None:
    assert TestClient(load("examples/tour.py").app).post("/tours", json=tour).status_code == status


@pytest.mark.parametrize(("way", "blocks"), [("in_the_loop", True), ("in_threads", False)])
def test_a_thread_keeps_the_loop_free(way: str, blocks: bool) -> None:
    modem = load("examples/modem.py")
    order: list[str] = []

    async def others() -> None:
        await asyncio.sleep(0)
        order.append("others")

    async def calls() -> None:
        assert await getattr(modem, way)(["Oslo", "Bergen"]) == ["Oslo: fog", "Bergen: fog"]
        order.append("calls")

    async def both() -> None:
        await asyncio.gather(calls(), others())

    asyncio.run(both())
    assert order == (["calls", "others"] if blocks else ["others", "calls"])


def test_a_broadcast_ends_when_nobody_listens() -> None:
    listener = load("examples/listener.py")

    async def switched(off: bool) -> list[str]:
        switch = asyncio.Event()
        if off:
            switch.set()
        return await listener.broadcast(["rain", "more rain"], switch)

    assert asyncio.run(switched(off=False)) == ["rain", "more rain"]
    assert asyncio.run(switched(off=True)) == []


def test_fastapi_has_forty_threads() -> None:
    async def count() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    assert asyncio.run(count()) == 40
