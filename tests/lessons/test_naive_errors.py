"""What lesson errors says of its naive version and examples, on the libraries of today."""

import asyncio
import json
import logging
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from lesson_module import load_from

from course.fake_llm import FakeLLM, Gate, Reply

FOLDER = "07_errors"
BODY = {"query": "Name a river."}
Serve = Callable[[object], str]


@pytest.fixture
def naive(llm: FakeLLM) -> TestClient:
    return TestClient(load_from(FOLDER, "naive.py").app, raise_server_exceptions=False)


def wait_for(look: Callable[[], bool], within: float = 10) -> None:
    """Look again and again until it is so, or the time is over."""
    deadline = time.monotonic() + within
    while not look() and time.monotonic() < deadline:
        time.sleep(0.02)


# the naive version


def test_a_refused_question_is_asked_three_times(naive: TestClient, llm: FakeLLM) -> None:
    llm.always(Reply(status=400))
    answer = naive.post("/query", json=BODY)
    assert (answer.status_code, len(llm.calls)) == (500, 3)
    assert llm.base_url in answer.json()["detail"]


def test_retry_after_is_not_listened_to_and_all_waits_are_one_second(
    naive: TestClient, llm: FakeLLM
) -> None:
    llm.script(Reply(status=429, retry_after=30))
    assert naive.post("/query", json=BODY).status_code == 200
    first, second = llm.calls
    assert first.ended_at is not None
    assert second.received_at - first.ended_at < 20


def test_the_failures_have_three_shapes(naive: TestClient) -> None:
    unknown, crash = naive.get("/nowhere"), naive.get("/debug/crash")
    broken = naive.post("/query", json={"query": ["secret"]})
    assert unknown.json() == {"detail": "Not Found"}
    assert (crash.status_code, crash.text) == (500, "Internal Server Error")
    assert crash.headers["Content-Type"].startswith("text/plain")
    assert broken.json()["detail"][0]["input"] == ["secret"]


def test_a_crash_has_no_request_id(naive: TestClient) -> None:
    assert "X-Request-ID" in naive.get("/nowhere").headers
    assert "X-Request-ID" not in naive.get("/debug/crash").headers


def test_any_request_id_is_passed_on(naive: TestClient) -> None:
    sent = "two words " * 100
    assert naive.get("/nowhere", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent


def test_a_body_of_five_megabytes_reaches_the_llms_door(naive: TestClient, llm: FakeLLM) -> None:
    answer = naive.post("/query", json={"query": "x" * 5_000_000})
    assert answer.status_code == 500
    assert "413" in answer.json()["detail"]  # the LLM's own limit, three times


def test_a_text_that_is_no_utf_8_is_400_and_not_422(naive: TestClient) -> None:
    answer = naive.post(
        "/query", content=b'{"query": "\xff"}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400


def test_a_dead_llm_is_asked_by_everybody_for_ever(naive: TestClient, llm: FakeLLM) -> None:
    llm.always(Reply(status=500))
    for _ in range(2):
        naive.post("/query", json=BODY)
    assert len(llm.calls) == 6


def test_the_call_goes_on_when_the_client_has_left(serve: Serve, llm: FakeLLM) -> None:
    url = serve(load_from(FOLDER, "naive.py").app)
    llm.always(Reply(gate=Gate()))
    caller = HTTPConnection(url.removeprefix("http://"))
    caller.request("POST", "/query", json.dumps(BODY), {"Content-Type": "application/json"})
    assert llm.wait_for_calls(1, within=10)
    caller.close()
    assert not llm.wait_for(lambda: llm.calls[0].aborted, within=2)


# what BaseHTTPMiddleware does


@pytest.mark.parametrize(("middleware", "ends_well"), [("Convenient", True), ("Pure", False)])
def test_a_stream_that_breaks_ends_as_if_all_were_well_behind_basehttpmiddleware(
    serve: Serve, middleware: str, ends_well: bool
) -> None:
    stamps = load_from(FOLDER, "examples/stamps.py")
    url = serve(stamps.make_app(getattr(stamps, middleware)))
    if ends_well:
        assert httpx.get(f"{url}/story").text == "Once upon a time"
    else:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            httpx.get(f"{url}/story")


@pytest.mark.parametrize(("middleware", "notices"), [("Convenient", False), ("Pure", True)])
def test_is_disconnected_never_notices_behind_basehttpmiddleware(
    serve: Serve, middleware: str, notices: bool
) -> None:
    stamps = load_from(FOLDER, "examples/stamps.py")
    url = serve(stamps.make_app(getattr(stamps, middleware)))
    caller = HTTPConnection(url.removeprefix("http://"))
    caller.request("GET", "/wait")
    wait_for(lambda: "waiting" in stamps.seen)
    caller.close()
    wait_for(lambda: "noticed" in stamps.seen, within=5 if notices else 1)
    assert ("noticed" in stamps.seen) is notices


@pytest.mark.parametrize(("middleware", "who"), [("Convenient", "nobody"), ("Pure", "ada")])
def test_a_context_variable_of_the_route_does_not_come_back_through_basehttpmiddleware(
    serve: Serve, middleware: str, who: str
) -> None:
    stamps = load_from(FOLDER, "examples/stamps.py")
    url = serve(stamps.make_app(getattr(stamps, middleware)))
    httpx.get(f"{url}/page")
    wait_for(lambda: bool(stamps.seen))  # written after the answer
    assert stamps.seen[-1] == f"read by {who}"


# the examples


def test_the_router_raises_starlettes_exception() -> None:
    classes = load_from(FOLDER, "examples/two_classes.py")
    partly, wholly = TestClient(classes.app), TestClient(classes.complete)
    assert partly.get("/soup").json() == {"sorry": "The soup is not ready."}
    assert partly.get("/bread").json() == {"detail": "Not Found"}
    assert wholly.get("/bread").json() == {"sorry": "Not Found"}
    assert wholly.get("/soup").headers["Retry-After"] == "60"


def test_a_meter_counts_the_bytes_of_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    app.add_middleware(load_from(FOLDER, "examples/meter.py").Meter)
    with caplog.at_level(logging.INFO):
        answer = TestClient(app).get("/nowhere")
    assert f"/nowhere: {len(answer.content)} bytes" in caplog.text


def test_pauses_double_and_no_two_knockers_have_the_same() -> None:
    pauses = load_from(FOLDER, "examples/knocking.py").pauses
    random.seed(7)
    many = [pauses(4, first=1) for _ in range(500)]
    means = [statistics.mean(column) for column in zip(*many, strict=True)]
    assert means == pytest.approx([0.5, 1, 2], rel=0.15)
    assert len({tuple(each) for each in many}) == 500


@pytest.mark.parametrize(("opens_at", "opened", "knocks"), [(3, True, 3), (9, False, 3)])
def test_somebody_knocks_three_times(opens_at: int, opened: bool, knocks: int) -> None:
    knocking = load_from(FOLDER, "examples/knocking.py")
    heard: list[int] = []

    async def door() -> bool:
        heard.append(1)
        return len(heard) == opens_at

    assert asyncio.run(knocking.knock(door, knocks=3, patience=10)) is opened
    assert len(heard) == knocks


def test_a_knock_that_hangs_ends_with_the_patience() -> None:
    async def door() -> bool:
        await asyncio.sleep(60)
        return True

    knock = load_from(FOLDER, "examples/knocking.py").knock
    assert asyncio.run(knock(door, knocks=3, patience=0.1)) is False


def test_a_ladder_is_free_after_whatever_happened_on_it() -> None:
    ladder = load_from(FOLDER, "examples/ladder.py").Ladder()
    for ending, falls in ((ValueError, 1), (ValueError, 2), (KeyboardInterrupt, 2)):
        with pytest.raises(ending), ladder.climb():
            raise ending
        assert (ladder.in_use, ladder.falls) == (False, falls)
    with ladder.climb(), pytest.raises(BlockingIOError), ladder.climb():
        raise AssertionError("two on one ladder")
    assert ladder.falls == 0


def test_an_alarm_ends_a_dream() -> None:
    sleep_until = load_from(FOLDER, "examples/alarm.py").sleep_until

    async def night(rings: bool) -> str:
        alarm = asyncio.Event()

        async def dream() -> str:
            if rings:
                alarm.set()
            await asyncio.sleep(60 if rings else 0)
            return "the end"

        ending: str = await sleep_until(alarm, dream())
        return ending

    assert asyncio.run(night(rings=False)) == "the end"
    assert asyncio.run(night(rings=True)) == "awake"


# what FastAPI has built in


def test_max_body_size_answers_in_plain_text_and_asks_no_handler() -> None:
    app = FastAPI(max_body_size=10)

    @app.exception_handler(413)
    async def never_asked(request: object, error: object) -> JSONResponse:
        return JSONResponse({"shape": "ours"}, 413)

    @app.post("/")
    async def read(body: dict[str, str]) -> None:
        return None

    answer = TestClient(app).post("/", json={"text": "more than ten bytes"})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_an_exception_handler_answers_outside_of_every_middleware() -> None:
    app = FastAPI()

    @app.middleware("http")
    async def stamp(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers["X-Request-ID"] = "7"
        return response

    @app.exception_handler(Exception)
    async def apologise(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"shape": "ours"}, 500)

    @app.get("/")
    async def crash() -> None:
        raise RuntimeError("oh")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.json() == {"shape": "ours"}
    assert "X-Request-ID" not in answer.headers
    with pytest.raises(RuntimeError):  # and the server hears of it all the same
        TestClient(app).get("/")
