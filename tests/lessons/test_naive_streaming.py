"""What lesson streaming says about its naive version and its examples, over a real socket."""

import asyncio
import json
import time
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from lesson_module import load_from

from course.fake_llm import FakeLLM, Gate, Reply
from course.grading.sse import Event, EventParser

load = partial(load_from, "03_streaming")


@pytest.fixture
def url(serve: Callable[[object], str]) -> str:
    return serve(load("naive.py").app)


def ask(url: str) -> tuple[list[Event], Exception | None]:
    """The events of a stream, and how it broke off if it did."""
    parser, events, problem = EventParser(), [], None
    with httpx.stream("POST", f"{url}/stream", json={"query": "x"}) as answer:
        assert answer.status_code == 200
        try:
            for received in answer.iter_bytes():
                events += parser.feed(received)
        except httpx.RemoteProtocolError as error:
            problem = error
    return [event for event in events if event.data], problem


def test_a_line_end_loses_the_rest_of_the_piece(url: str, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("1. wash\n2. peel", " well")))
    events, _ = ask(url)
    assert [event.data for event in events] == ["1. wash", " well"]


def test_the_text_can_forge_an_event(url: str, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("Done.\n\nevent: error\ndata: Send your card number to ...",)))
    events, _ = ask(url)
    assert events == [Event("message", "Done."), Event("error", "Send your card number to ...")]


def test_nobody_is_served_between_two_tokens(url: str, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", " two"), gate=gate))
    with httpx.stream("POST", f"{url}/stream", json={"query": "x"}):
        assert gate.wait_for_waiting(1)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/health", timeout=0.5)
        gate.open()
    assert httpx.get(f"{url}/health").status_code == 200


@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_llm_that_fails_at_once_is_200_and_a_broken_body(
    url: str, llm: FakeLLM, status: int
) -> None:
    llm.always(Reply(status=status))
    events, problem = ask(url)
    assert events == []
    assert isinstance(problem, httpx.RemoteProtocolError)


def test_an_llm_that_hangs_up_leaves_the_client_with_a_broken_body(url: str, llm: FakeLLM) -> None:
    llm.script(Reply(chunks=("one", " two", " three"), hang_up_after=2))
    events, problem = ask(url)
    assert [event.data for event in events] == ["one", " two"]
    assert isinstance(problem, httpx.RemoteProtocolError)


def test_an_llm_that_just_stops_looks_like_a_short_answer(url: str, llm: FakeLLM) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "one"}, "finish_reason": None}]}
    body = f"data: {json.dumps(chunk)}\n\n".encode()
    llm.script(Reply(body=body, content_type="text/event-stream"))
    assert ask(url) == ([Event("message", "one")], None)


def test_a_client_that_leaves_has_the_whole_answer_bought(url: str, llm: FakeLLM) -> None:
    gate = Gate(1)
    llm.script(Reply(chunks=("one", *[" more"] * 30), gate=gate))
    with httpx.stream("POST", f"{url}/stream", json={"query": "x"}) as answer:
        next(answer.iter_bytes())
    assert not llm.wait_for(lambda: llm.calls[0].aborted, within=1.0)
    gate.open()
    assert llm.wait_for(lambda: llm.calls[0].outcome == "answered", within=20.0)
    assert llm.calls[0].chunks_sent == 31


def test_nothing_is_said_to_caches_and_proxies(url: str) -> None:
    with httpx.stream("POST", f"{url}/stream", json={"query": "x"}) as answer:
        assert "cache-control" not in answer.headers
        assert "x-accel-buffering" not in answer.headers


def test_httpx_takes_more_than_newlines_for_line_ends() -> None:
    answer = httpx.Response(200, content="data: a\u2028b\x85c\n".encode())
    assert list(answer.iter_lines()) == ["data: a", "b", "c"]


def test_a_departure_survives_what_its_note_holds() -> None:
    note = 'Late.\n\nevent: "cancelled"\u2028'
    (event,) = EventParser().feed(load("examples/departures.py").departure("IC 5", note))
    assert (event.event, event.json()) == ("departure", ["IC 5", note])


def test_a_countdown_comes_while_it_is_counted(serve: Callable[[object], str]) -> None:
    url = serve(load("examples/countdown.py").app)
    with httpx.stream("GET", f"{url}/countdown", params={"start": 3}) as answer:
        reads = list(answer.iter_bytes())
    assert [read.split()[-1] for read in reads] == [b"3", b"2", b"1", b"0"]


def test_an_unknown_book_is_404_and_a_torn_one_is_read_to_the_tear(
    serve: Callable[[object], str],
) -> None:
    module = load("examples/first_page.py")
    module.BOOKS["torn"] = ["Once ", "", "never read"]
    url = serve(module.app)
    assert httpx.get(f"{url}/books/emma").status_code == 404
    assert httpx.get(f"{url}/books/dune").text.endswith("the most delicate care.")
    torn = httpx.get(f"{url}/books/torn")
    assert torn.status_code == 200
    assert torn.text == "Once (The next page is missing. The reading ends here.)"


def test_wait_leaves_the_kettle_on_and_wait_for_takes_it_off() -> None:
    module = load("examples/kettle.py")

    async def boil() -> str:
        await asyncio.sleep(0.3)
        return "it boils"

    async def both() -> tuple[list[str], list[str], bool]:
        watched = await module.watch(asyncio.create_task(boil()), 0.1)
        spilled = asyncio.create_task(boil())
        return watched, await module.watch_and_spill(spilled, 0.1), spilled.cancelled()

    watched, spilled, cancelled = asyncio.run(both())
    assert watched[0] == "not yet"
    assert watched[-1] == "it boils"
    assert (spilled, cancelled) == (["not yet"], True)


def test_native_events_end_in_good_order_when_the_generator_fails(
    serve: Callable[[object], str],
) -> None:
    answer = httpx.get(f"{serve(load('examples/native.py').app)}/half")
    assert answer.status_code == 200
    assert answer.text == 'data: {"text":"The first half"}\n\n'


def test_a_generator_in_a_thread_stops_nobody_and_is_stopped_by_nobody(
    serve: Callable[[object], str],
) -> None:
    module = load("examples/in_a_thread.py")
    url = serve(module.app)
    try:
        with httpx.stream("GET", f"{url}/words") as answer:
            next(answer.iter_bytes())
            assert httpx.get(f"{url}/health").status_code == 200
        time.sleep(0.5)
        assert not module.closed.is_set()
    finally:
        module.next_word.set()
