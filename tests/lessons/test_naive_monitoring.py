"""What lesson monitoring says of its naive version and examples, on the libraries of today."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from types import ModuleType

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from lesson_module import LESSONS, load_from
from prometheus_client import Histogram
from prometheus_client.parser import text_string_to_metric_families

from course.fake_llm import FakeLLM, Reply
from course.grading.app_process import AppProcess, AppSpec, ColdStarter, environment_for_apps
from course.grading.evidence import Recorder
from course.grading.suite import App, Patience

load = partial(load_from, "08_monitoring")


@pytest.fixture(scope="module")
def llm() -> Iterator[FakeLLM]:
    with FakeLLM(api_key="test-key") as server:
        yield server


@pytest.fixture(scope="module")
def naive(llm: FakeLLM, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The naive app as a process of its own: its metrics are global."""
    folder = tmp_path_factory.mktemp("naive")
    (folder / "app.py").write_bytes((LESSONS / "08_monitoring" / "naive.py").read_bytes())
    environment = environment_for_apps(folder, llm.base_url, "test-key", {})
    started = AppProcess.start(AppSpec(folder, environment), ColdStarter())
    try:
        started.wait_until_ready(30)
        yield App(started, Recorder(), Patience())
    finally:
        started.end()


@pytest.fixture(autouse=True)
def clean_ledger(llm: FakeLLM) -> None:
    llm.reset()


Samples = dict[tuple[str, str, str], float]


def samples(app: App) -> Samples:
    """Values by name, path and status."""
    return {
        (sample.name, sample.labels.get("path", ""), sample.labels.get("status", "")): sample.value
        for family in text_string_to_metric_families(app.get("/metrics").text)
        for sample in family.samples
    }


def test_each_unknown_path_is_a_series(naive: App) -> None:
    naive.get("/nothing")
    before = len(naive.get("/metrics").text.splitlines())
    for number in range(100):
        naive.get(f"/nothing/{number}")
    page = naive.get("/metrics").text
    lines = [line for line in page.splitlines() if 'path="/nothing/7"' in line]
    kinds = [line.partition("{")[0] for line in lines]
    assert kinds.count("http_requests_total") == 1
    histogram = [kind for kind in kinds if kind.startswith("http_request_duration_seconds")]
    assert len(histogram) == 18
    assert len(page.splitlines()) - before >= 100 * 19


def test_a_stream_is_timed_to_its_first_byte(naive: App, llm: FakeLLM) -> None:
    before = samples(naive)
    llm.script(Reply(chunks=("one", " two"), chunk_delay=0.5))
    assert len(naive.post("/stream", json={"query": "Count."}).text) > 100
    name = ("http_request_duration_seconds_sum", "/stream", "")
    assert samples(naive)[name] - before.get(name, 0.0) < 0.45


def test_a_broken_stream_ends_well_and_is_counted_as_good(naive: App, llm: FakeLLM) -> None:
    name = ("http_requests_total", "/stream", "200")
    before = samples(naive).get(name, 0.0)
    llm.script(Reply(chunks=("one", " two"), hang_up_after=1))
    answer = naive.post("/stream", json={"query": "Count."})  # which ends as HTTP says
    assert "one" in answer.text
    assert "[DONE]" not in answer.text
    assert samples(naive)[name] == before + 1


def test_questions_are_in_the_log_and_callers_write_lines(naive: App) -> None:
    naive.post("/stream", json={"query": "My PIN is 1234\nINFO:app:paid in full"})
    assert naive.wait_for_output("My PIN is 1234\n")
    assert "\nINFO:app:paid in full\n" in naive.output


def test_the_app_dies_with_the_llm_and_nobody_counts_it(naive: App, llm: FakeLLM) -> None:
    llm.always(Reply(status=503), path="/models")
    assert naive.get("/livez").status == 500
    assert not any(path == "/livez" and status for _, path, status in samples(naive))


def test_nobody_knows_the_tokens(naive: App, llm: FakeLLM) -> None:
    naive.post("/stream", json={"query": "Count."})
    assert not any("token" in name for name, _, _ in samples(naive))


# the examples


def counted(module: ModuleType) -> dict[str, float]:
    """The values of an example's registry, by name and labels."""
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in module.registry.collect()
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }


def test_the_turnstile_counts_at_the_exit() -> None:
    turnstile = load("examples/turnstile.py")
    app = FastAPI()

    @app.get("/rooms/{number}")
    async def room(number: int) -> StreamingResponse:
        async def lights() -> AsyncIterator[str]:
            yield "on"
            if number == 13:
                raise ValueError("dark")

        return StreamingResponse(lights())

    app.add_middleware(turnstile.Turnstile)
    client = TestClient(app, raise_server_exceptions=False)
    for path in ("/rooms/7", "/rooms/8", "/cellar", "/attic"):
        client.get(path)
    client.get("/rooms/13")
    assert counted(turnstile) == {
        "visitors_left_total /rooms/{number} at the end": 2,
        "visitors_left_total no door at the end": 2,
        "visitors_left_total /rooms/{number} in the middle": 1,
    }


def test_the_oven_counts_all_loaves() -> None:
    oven = load("examples/oven.py")
    with oven.baked():
        assert oven.INSIDE._value.get() == 1
    with pytest.raises(ValueError, match="hot"), oven.baked():
        raise ValueError("hot")
    with pytest.raises(asyncio.CancelledError), oven.baked():
        raise asyncio.CancelledError
    seen = counted(oven)
    assert [seen[f"loaves_total {how}"] for how in ("good", "burnt", "abandoned")] == [1, 1, 1]
    assert (seen["loaves_in_the_oven"], seen["baking_seconds_count"]) == (0, 3)


def test_a_postcard_knows_its_traveller() -> None:
    postcards = load("examples/postcards.py")
    written = io.StringIO()
    logger = postcards.post_office(written)

    async def travel(name: str) -> None:
        postcards.TRAVELLER.set(name)
        await asyncio.sleep(0.01)
        logger.info('"It rains."\nAgain.', extra={"stamps": {"country": "IE"}})

    async def summer() -> None:
        await asyncio.gather(travel("ada"), travel("ben"))

    asyncio.run(summer())
    cards = [json.loads(line) for line in written.getvalue().splitlines()]
    text = '"It rains."\nAgain.'
    assert cards == [{"text": text, "from": name, "country": "IE"} for name in ("ada", "ben")]


def test_a_field_named_message_is_refused() -> None:
    logger = load("examples/postcards.py").post_office(io.StringIO())
    with pytest.raises(KeyError, match="message"):
        logger.info("It rains.", extra={"message": "again"})


def test_ten_at_once_all_call_the_harbour() -> None:
    calls = 0

    async def harbour() -> bool:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.01)
        return True

    async def morning() -> None:
        ferry = load("examples/ferry.py").Ferry(harbour)
        await asyncio.gather(*(ferry.is_running() for _ in range(10)))
        assert calls == 10
        assert await ferry.is_running()
        assert calls == 10

    asyncio.run(morning())


def test_the_default_buckets_end_at_ten_seconds() -> None:
    assert Histogram.DEFAULT_BUCKETS[-2:] == (10, float("inf"))
